"""Provider functions answer with what is there: a key is what KMS says of it."""

from __future__ import annotations

import pulumi

GET_KEY = "aws:kms/getKey:getKey"


def ask(shop, key):
    """Return the provider function's answer."""
    return shop.provisioner.call(pulumi.runtime.MockCallArgs(GET_KEY, {"keyId": key}, ""))


def test_a_key_is_described(shop, cloud):
    """State, kind and manager; a key that is disabled says so."""
    arn = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    found = ask(shop, arn)
    assert (found["arn"], found["keyState"], found["keyManager"]) == (arn, "Enabled", "CUSTOMER")
    assert (found["keySpec"], found["keyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    cloud.client("kms").disable_key(KeyId=arn)
    assert ask(shop, arn)["keyState"] == "Disabled"


def test_a_key_that_is_not_there_is_a_failure_of_the_function(shop, cloud):
    """With the code that the program looks for."""
    _, ((_, reason),) = ask(shop, cloud.arn("kms", "key/01234567-89ab-cdef-0123-456789abcdef"))
    assert "NotFoundException" in reason
