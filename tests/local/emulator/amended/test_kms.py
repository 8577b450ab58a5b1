"""Keys of one's own on the embedded AWS: what the caller's policies or the key's own do not allow, fails."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.processes.waiting import eventually
from tests.local.provision.orders import trust

SEND = ["kms:GenerateDataKey", "kms:Decrypt"]


def key_policy(cloud, *services):
    """Return the policy of a new key, which lets services use it, too."""
    account = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{cloud.account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    of_services = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": SEND, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [account, *([of_services] if services else [])]})


@pytest.fixture
def key(cloud):
    """Return the ARN of a key that lets no service use it."""
    return cloud.client("kms").create_key(Policy=key_policy(cloud))["KeyMetadata"]["Arn"]


@pytest.fixture
def queue(cloud, key):
    """Return URL and ARN of a queue with the key, which everybody may send to."""
    name = f"q-{uuid4().hex[:8]}"
    arn = cloud.arn("sqs", name)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    attributes = {"KmsMasterKeyId": key, "Policy": policy}
    return cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], arn


@pytest.fixture
def bucket(cloud, key):
    """Return the name of a bucket with the key, in which there is a picture."""
    name = f"b-{uuid4().hex[:8]}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
    s3.put_object(Bucket=name, Key="a.jpg", Body=b"a")
    return name


@pytest.fixture
def topic(cloud, key):
    """Return the ARN of a topic with the key."""
    name = f"t-{uuid4().hex[:8]}"
    return cloud.client("sns").create_topic(Name=name, Attributes={"KmsMasterKeyId": key})["TopicArn"]


@pytest.fixture
def caller(cloud):
    """Return what makes a client of a role that may do everything but use keys, and with them what is given."""

    def of(service, *kms_actions):
        iam, name = cloud.client("iam"), f"r-{uuid4().hex[:8]}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("lambda.amazonaws.com").replace('"Service": "lambda.amazonaws.com"', '"AWS": "*"'))["Role"]  # fmt: skip
        actions = ["s3:*", "sqs:*", "sns:*", *kms_actions]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        given = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="caller")["Credentials"]
        session = boto3.session.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=cloud.region
        )
        return session.client(service, endpoint_url=cloud.endpoint_url)

    return of


REQUESTS = {
    "GetObject": ("s3", ["kms:Decrypt"], lambda s3, at: s3.get_object(Bucket=at["bucket"], Key="a.jpg")),
    "PutObject": ("s3", ["kms:GenerateDataKey"], lambda s3, at: s3.put_object(Bucket=at["bucket"], Key="b", Body=b"b")),
    "ReceiveMessage": ("sqs", ["kms:Decrypt"], lambda sqs, at: sqs.receive_message(QueueUrl=at["queue"])),
    "SendMessage": ("sqs", SEND, lambda sqs, at: sqs.send_message(QueueUrl=at["queue"], MessageBody="m")),
    "SendMessageBatch": (
        "sqs",
        SEND,
        lambda sqs, at: sqs.send_message_batch(QueueUrl=at["queue"], Entries=[{"Id": "1", "MessageBody": "m"}]),
    ),
    "Publish": ("sns", SEND, lambda sns, at: sns.publish(TopicArn=at["topic"], Message="m")),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_needs_each_action_on_the_key(name, caller, bucket, queue, topic):
    """With all it goes through; without any one it is refused, with the action, and the code that the worker knows."""
    service, needed, request = REQUESTS[name]
    at = {"bucket": bucket, "queue": queue[0], "topic": topic}
    request(caller(service, *needed), at)
    for missing in needed:
        with pytest.raises(
            ClientError, match=f"not authorized to perform: {missing} on resource: arn:aws:kms:"
        ) as refused:
            request(caller(service, *(action for action in needed if action != missing)), at)
        assert refused.value.response["Error"]["Code"] in {"AccessDenied", "KmsAccessDenied", "KMSAccessDenied"}


def test_metadata_needs_no_key(caller, bucket):
    """A HEAD, a listing, a deletion."""
    s3 = caller("s3")
    assert s3.head_object(Bucket=bucket, Key="a.jpg")["ServerSideEncryption"] == "aws:kms"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    s3.delete_object(Bucket=bucket, Key="a.jpg")


def test_a_link_may_what_its_signer_may(caller, bucket):
    """The page's uploader signs it."""
    for allowed, status in (((), 403), (("kms:Decrypt",), 200)):
        link = caller("s3", *allowed).generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a.jpg"})
        connection = http.client.HTTPConnection(urlsplit(link).netloc, timeout=10)
        connection.request("GET", link.partition(urlsplit(link).netloc)[2])
        assert connection.getresponse().status == status
        connection.close()


@pytest.mark.parametrize(("allowed", "status"), [((), 403), (("kms:GenerateDataKey",), 204)])
def test_a_form_may_what_its_signer_may(caller, bucket, allowed, status):
    """Without credentials of its own, as a browser has none."""
    form = caller("s3", *allowed).generate_presigned_post(bucket, "new.jpg")
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in form["fields"].items()]
    parts.append('name="file"; filename="new.jpg"\r\n\r\nx')
    body = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--b--\r\n"
    address = urlsplit(form["url"])
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("POST", address.path, body, {"Content-Type": "multipart/form-data; boundary=b"})
    assert connection.getresponse().status == status
    connection.close()


def test_a_key_policy_that_names_nobody_leaves_nothing_to_identities(cloud, caller, bucket, key):
    """As on AWS: without the account in its policy, a role's own permission on the key counts for nothing."""
    somebody = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [somebody]})
    cloud.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    with pytest.raises(ClientError, match="kms:Decrypt"):
        caller("s3", "kms:Decrypt").get_object(Bucket=bucket, Key="a.jpg")


def notify(cloud, bucket, queue_arn):
    """Have S3 notify the queue."""
    cloud.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": queue_arn, "Events": ["s3:ObjectCreated:*"]}]},
    )


def messages(cloud, queue):
    """Return the bodies of what is in the queue, S3's test left out."""
    found = cloud.client("sqs").receive_message(QueueUrl=queue[0], MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [each["Body"] for each in found.get("Messages", []) if "s3:TestEvent" not in each["Body"]]


def test_s3_notifies_a_queue_only_where_its_key_lets_s3(cloud, bucket, queue, key):
    """S3 refuses the notification as long as the key's policy does not name it, and delivers nothing once it no longer does."""
    with pytest.raises(ClientError, match="Unable to validate"):
        notify(cloud, bucket, queue[1])
    kms = cloud.client("kms")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(cloud, "s3.amazonaws.com"))
    notify(cloud, bucket, queue[1])
    cloud.client("s3").put_object(Bucket=bucket, Key="first.jpg", Body=b"x")
    assert eventually(lambda: messages(cloud, queue))
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(cloud))
    cloud.client("s3").put_object(Bucket=bucket, Key="second.jpg", Body=b"x")
    assert not any("second.jpg" in body for body in messages(cloud, queue))


@pytest.mark.parametrize("services", [(), ("sns.amazonaws.com",)])
def test_sns_delivers_to_a_queue_only_where_its_key_lets_sns(cloud, queue, key, services):
    """Whoever has published."""
    cloud.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(cloud, *services))
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=f"t-{uuid4().hex[:8]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue[1], Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message="done")
    assert messages(cloud, queue) == (["done"] if services else [])


@pytest.mark.parametrize("services", [(), ("cloudwatch.amazonaws.com",)])
def test_cloudwatch_publishes_to_a_topic_only_where_its_key_lets_cloudwatch(cloud, topic, key, services):
    """The alarm goes off in any case, and nothing but its history would say that nobody was told."""
    cloud.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(cloud, *services))
    name = f"inbox-{uuid4().hex[:8]}"
    arn = cloud.arn("sqs", name)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    inbox = cloud.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"], arn
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic],
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert len(messages(cloud, inbox)) == len(services)
