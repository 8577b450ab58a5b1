"""Every wrong value is reported at once, with commands that correct it by Pulumi's own rules."""

from __future__ import annotations

import copy
import shlex
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from infra.config.declaration import declared, leaves
from infra.config.problems import ConfigError, text_of
from tests.infra.config.pulumi_config import SECRET, parsed, run
from tests.infra.config.stack_files import CODE, DOMAIN, NAMESPACE, TOKENS, load, own, read, refusal
from worker.contracts.recipes.specs import FIELDS

SET = "pulumi config set --stack prod"
RM = "pulumi config rm --stack prod"
WRONG: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"worker": {"memory": 20000}}, "worker.memory is 20000; it takes a whole number from 256 to 10240", [f"{SET} --path image-pipeline:worker.memory 10240"]),
    ({"worker": {"memory": "lots"}}, "worker.memory is 'lots'; it takes a whole number from 256 to 10240", [f"{SET} --path image-pipeline:worker.memory 512"]),
    ({"worker": {"maxConcurrency": 1}}, "worker.maxConcurrency is 1;", [f"{SET} --path image-pipeline:worker.maxConcurrency 2"]),
    ({"worker": {"architecture": "x86-64"}}, "worker.architecture is 'x86-64'; it takes one of arm64, x86_64", [f"{SET} --path image-pipeline:worker.architecture x86_64"]),
    ({"worker": {"runtime": "python3.11"}}, "worker.runtime is 'python3.11'; it takes one of python3.13", [f"{SET} --path image-pipeline:worker.runtime python3.13"]),
    ({"worker": {"logRetentionDays": 8}}, "worker.logRetentionDays is 8; it takes one of 1, 3, 5, 7", [f"{SET} --path image-pipeline:worker.logRetentionDays 7"]),
    ({"worker": 512}, "worker is 512; it takes an object of memory, timeout,", [f"{RM} image-pipeline:worker"]),
    ({"worker": {"maxConcurency": 50}}, "worker.maxConcurency is not a key; did you mean worker.maxConcurrency?",
     [f"{RM} --path image-pipeline:worker.maxConcurency", f"{SET} --path image-pipeline:worker.maxConcurrency 50"]),
    ({"maxConcurency": "50"}, "maxConcurency is not a key; did you mean worker.maxConcurrency?",
     [f"{RM} image-pipeline:maxConcurency", f"{SET} --path image-pipeline:worker.maxConcurrency 50"]),
    ({"alarmEmail": "you@example.org"}, "alarmEmail is not a key; did you mean alarms.email?",
     [f"{RM} image-pipeline:alarmEmail", f"{SET} --path image-pipeline:alarms.email you@example.org"]),
    ({"rendition": {"thumbnail": {"width": 320}}}, "rendition is not a key; did you mean renditions?",
     [f"{RM} image-pipeline:rendition", f"{SET} --path image-pipeline:renditions.thumbnail.width 320"]),
    ({"sources": {"prefix": "photos/"}}, "sources is not a key; did you mean source?", [f"{RM} image-pipeline:sources", f"{SET} --path image-pipeline:source.prefix photos/"]),
    ({"workers": {"memory": {"x": 1}}}, "workers is not a key; did you mean worker? Set it anew there", [f"{RM} image-pipeline:workers"]),
    ({"region": "eu-west-1"}, "region is not a key; did you mean aws:region?", [f"{RM} image-pipeline:region", f"{SET} aws:region eu-west-1"]),
    ({"renditions": {"thumbnial": {"width": 320}}}, "renditions.thumbnial has no width and height of its own; did you mean thumbnail?",
     [f"{RM} --path image-pipeline:renditions.thumbnial", f"{SET} --path image-pipeline:renditions.thumbnail.width 320"]),
    ({"subscribers": {"search": {"protocol": "sqs", "filter": {"type": ["image.redy"]}}}}, "subscribers.search.filter.type[0] is 'image.redy'; it takes one of image.ready, image.rejected",
     [f"{SET} --path 'image-pipeline:subscribers.search.filter.type[0]' image.ready"]),
    ({"subscribers": {"search": {"protocol": "sqs", "filter": {"prefix": ["cats"]}}}}, "subscribers.search.filter.prefix[0] is 'cats'; it takes a folder, which ends in a slash",
     [f"{SET} --path 'image-pipeline:subscribers.search.filter.prefix[0]' cats/"]),
    ({"subscribers": {"search": {"protocol": "sqs", "filter": {"prefix": "cats"}}}}, "subscribers.search.filter.prefix is 'cats'; it takes a folder, which ends in a slash",
     [f"{SET} --path image-pipeline:subscribers.search.filter.prefix cats/"]),
    ({"subscribers": {"search": {"protocol": "sqs", "filter": {"prefix": 7}}}}, "subscribers.search.filter.prefix is 7; it takes a list of values, or one text for a folder and all below it",
     [f"{RM} --path image-pipeline:subscribers.search.filter.prefix"]),
    ({"subscribers": {"search": {"protocol": "sqs", "readers": ["123"]}}}, "subscribers.search.readers[0] is '123'; it takes the number of an account, in quotes, or the ARN of a role, a user or an account",
     [f"{RM} --path 'image-pipeline:subscribers.search.readers[0]'"]),
    ({"subscribers": {"search": {"protocol": "sqs", "readers": "123456789012"}}}, "subscribers.search.readers is '123456789012'; it takes a list of account numbers and of ARNs of roles",
     [f"{RM} --path image-pipeline:subscribers.search.readers"]),
    ({"subscribers": {"hook": {"protocol": "https", "endpoint": "https://a.example.org/", "readers": ["123456789012"]}}}, "subscribers.hook.readers is set where the stack makes no queue",
     [f"{RM} --path image-pipeline:subscribers.hook.readers"]),
    ({"page": {"access": {"code": SECRET}}}, "page.access.code is not encrypted, and stands in the file: take another one", [f"{SET} --secret --path image-pipeline:page.access.code"]),
    ({"page": {"acess": {"code": {"secure": "x"}}}}, "page.acess is not a key; did you mean page.access?",
     [f"{RM} --path image-pipeline:page.acess", f"{SET} --secret --path image-pipeline:page.access.code"]),
    ({"zebra": "7"}, "zebra is not a key; there are renditions, recipes, source, output,", [f"{RM} image-pipeline:zebra"]),
    ({"renditions[0].width": "320"}, "renditions[0].width is a path that was set without --path", [f"{RM} 'image-pipeline:renditions[0].width'"]),
    ({"renditions.thumbnail.width": "320"}, "renditions.thumbnail.width is a path that was set without --path",
     [f"{RM} image-pipeline:renditions.thumbnail.width", f"{SET} --path image-pipeline:renditions.thumbnail.width 320"]),
    ({"queue": {"retentionDays": 12}}, "queue.retentionDays is 12; it takes a whole number from 1 to 11", [f"{SET} --path image-pipeline:queue.retentionDays 11"]),
    ({"queue": {"maxReceiveCount": 100}, "worker": {"timeout": 900}}, "queue.maxReceiveCount is 100; it takes as many attempts, 5401 s apart, as fit",
     [f"{SET} --path image-pipeline:queue.maxReceiveCount 63"]),
    ({"alarms": {"messageAge": 86400}, "queue": {"retentionDays": 1}}, "alarms.messageAge is 86400; it takes fewer seconds than queue.retentionDays",
     [f"{SET} --path image-pipeline:alarms.messageAge 86399"]),
    ({"alarms": {"email": "nobody"}}, "alarms.email is 'nobody'; it takes an e-mail address", [f"{SET} --path image-pipeline:alarms.email you@example.org"]),
    ({"queueKmsKey": "alias/aws/sqs"}, "queueKmsKey is an alias; it takes the ARN of the key", [f"{RM} image-pipeline:queueKmsKey"]),
    ({"topicKmsKey": "arn:aws:kms:eu-central-1:123456789012:alias/topics"}, "topicKmsKey is an alias; it takes the ARN of the key", [f"{RM} image-pipeline:topicKmsKey"]),
    ({"sourceKmsKey": "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"}, "sourceKmsKey is 'arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef'; it takes a key in eu-central-1, where everything is", [f"{RM} image-pipeline:sourceKmsKey"]),
    ({"sourceKmsKey": "arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"}, "sourceKmsKey is 'arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef'; it takes a key in eu-central-1, where everything is, such as its replica there",
     [f"{SET} image-pipeline:sourceKmsKey arn:aws:kms:eu-central-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"]),
    ({"outputKmsKey": "01234567-89ab-cdef-0123-456789abcdef"}, "outputKmsKey is '01234567-89ab-cdef-0123-456789abcdef'; it takes the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID", [f"{RM} image-pipeline:outputKmsKey"]),
    ({"forceDestroy": "yes"}, "forceDestroy is 'yes'; it takes true or false", [f"{SET} image-pipeline:forceDestroy true"]),
    ({"source": {"events": "eventBridge"}}, "source.events is 'eventBridge'; it takes one of notification, eventbridge", [f"{SET} --path image-pipeline:source.events eventbridge"]),
    ({"source": {"events": "eventbridge", "prefix": "p" * 500, "suffixes": [".jpg", ".jpeg", ".png", ".webp"]}}, "source.suffixes is", [f"{RM} --path image-pipeline:source.suffixes"]),
    ({"namePrefix": "My Images!"}, "namePrefix is 'My Images!'; it takes 2 to 32 of a-z", [f"{SET} image-pipeline:namePrefix my-images"]),
    ({"source": {"prefix": "*/in"}}, "source.prefix is '*/in'; it takes up to 512 letters", [f"{SET} --path image-pipeline:source.prefix /in"]),
    ({"source": {"bucket": "s3://team-pictures/photos/"}}, "source.bucket is 's3://team-pictures/photos/'; it takes the name of a bucket", [f"{SET} --path image-pipeline:source.bucket team-pictures"]),
    ({"source": {"bucket": "arn:aws-cn:s3:::team.pictures"}}, "source.bucket is 'arn:aws-cn:s3:::team.pictures'; it takes", [f"{SET} --path image-pipeline:source.bucket team.pictures"]),
    ({"source": {"bucket": "https://team-pictures.s3.eu-central-1.amazonaws.com/a.jpg"}}, "source.bucket is 'https://team-pictures.s3", [f"{SET} --path image-pipeline:source.bucket team-pictures"]),
    ({"source": {"bucket": "Team_Pictures"}}, "source.bucket is 'Team_Pictures'; it takes the name of a bucket: by S3's rules", [f"{RM} --path image-pipeline:source.bucket"]),
    ({"source": {"bucket": "team-pictures"}, "archive": {"afterDays": 30}}, "archive.afterDays is 30; it takes 0 beside source.bucket", [f"{SET} --path image-pipeline:archive.afterDays 0"]),
    ({"source": {"bucket": "team-pictures", "events": "notification"}}, "source.events is 'notification'; it takes eventbridge beside source.bucket: a notification would replace",
     [f"{SET} --path image-pipeline:source.events eventbridge"]),
    ({**CODE, "source": {"bucket": "team-pictures"}}, "page is set beside source.bucket, whose CORS", [f"{RM} image-pipeline:page"]),
    ({"source": {"suffixes": ".jpg"}}, "source.suffixes is '.jpg'; it takes a list", [f"{RM} --path image-pipeline:source.suffixes"]),
    ({"source": {"suffixes": [".jpg", ".p*g"]}}, "source.suffixes[1] is '.p*g'; it takes 1 to 64 letters", [f"{RM} --path 'image-pipeline:source.suffixes[1]'"]),
    ({"source": {"suffixes": [".jpg", "o.jpg"]}}, "source.suffixes[1] is 'o.jpg'; it takes an ending of which no other one is the end",
     [f"{RM} --path 'image-pipeline:source.suffixes[1]'"]),
    ({"output": {"cacheControl": "a\nb"}}, "output.cacheControl is 'a\\nb'; it takes a header's value", [f"{SET} --path image-pipeline:output.cacheControl 'public, max-age=3600'"]),
    ({"archive": {"class": "glacier"}}, "archive.class is 'glacier'; it takes one of glacier-instant-retrieval", [f"{SET} --path image-pipeline:archive.class glacier-instant-retrieval"]),
    ({"renditions": []}, "renditions is []; it takes an object", [f"{RM} image-pipeline:renditions"]),
    ({"renditions": {"web": False, "thumbnail": False}}, "renditions leaves nothing to make; it takes one rendition at least", [f"{RM} --path image-pipeline:renditions.thumbnail"]),
    ({"renditions": {"webb": False}}, "renditions.webb is false, but there is no rendition of that name to take away; did you mean web?",
     [f"{RM} --path image-pipeline:renditions.webb", f"{SET} --path image-pipeline:renditions.web false"]),
    ({"renditions": {"hero": {"width": 2400, "height": 1200, "format": "heic"}}}, "renditions.hero.format is 'heic'; it takes one of webp, avif, jpeg, png",
     [f"{SET} --path image-pipeline:renditions.hero.format webp"]),
    ({"renditions": {"hero": {"width": 2400}}}, "renditions.hero.height is not set; it takes a whole number from 1 to 16383", [f"{SET} --path image-pipeline:renditions.hero.height 2400"]),
    ({"renditions": {"web": {"widht": 800}}}, "renditions.web.widht is not a key; did you mean renditions.web.width?",
     [f"{RM} --path image-pipeline:renditions.web.widht", f"{SET} --path image-pipeline:renditions.web.width 800"]),
    ({"renditions": {"web": {"background": "FFF000"}}}, "renditions.web.background is 'FFF000'; it takes #rrggbb", [f"{SET} --path image-pipeline:renditions.web.background '#fff000'"]),
    ({"renditions": {"web": {"fit": "crop"}}}, "renditions.web.fit is 'crop'; it takes one of inside, cover", [f"{SET} --path image-pipeline:renditions.web.fit cover"]),
    ({"renditions": {"web": {"fit": "cover", "focus": "0.5,2"}}}, "renditions.web.focus is '0.5,2'; it takes two decimal numbers from 0 to 1",
     [f"{SET} --path image-pipeline:renditions.web.focus 0.5,1"]),
    ({"renditions": {"web": {"fit": "cover", "focus": "50% 20%"}}}, "renditions.web.focus is '50% 20%'; it takes two", [f"{SET} --path image-pipeline:renditions.web.focus 0.5,0.2"]),
    ({"renditions": {"web": {"fit": "cover", "focus": "top"}}}, "renditions.web.focus is 'top'; it takes two", [f"{SET} --path image-pipeline:renditions.web.focus 0.5,0"]),
    ({"renditions": {"web": {"fit": "cover", "focus": [0.5, 0.2]}}}, "renditions.web.focus is [0.5, 0.2]; it takes two", [f"{SET} --path image-pipeline:renditions.web.focus 0.5,0.2"]),
    ({"renditions": {"web": {"focus": "0.5,0.2"}}}, "renditions.web.fit is not set; it takes cover beside a focus, since inside crops nothing",
     [f"{SET} --path image-pipeline:renditions.web.fit cover"]),
    ({"recipes": {"avatars/": {"thumbnail": {"focus": "0.5,0.2"}}}}, "recipes.avatars/.thumbnail.fit is 'inside'; it takes cover beside a focus",
     [f"{SET} --path image-pipeline:recipes.avatars/.thumbnail.fit cover"]),
    ({"renditions": {"web": {"fit": ["cover"], "focus": "0.5,0.2"}}}, 'renditions.web.fit is ["cover"]; it takes one of inside, cover',
     [f"{SET} --path image-pipeline:renditions.web.fit cover"]),
    ({"renditions": {"web": {"quality": 0}}}, "renditions.web.quality is 0;", [f"{SET} --path image-pipeline:renditions.web.quality 1"]),
    ({"renditions": {"Hero Image": {"width": 9, "height": 9}}}, 'renditions["Hero Image"] has a name that cannot be',
     [f"""{RM} --path 'image-pipeline:renditions["Hero Image"]'""", f"{SET} --path image-pipeline:renditions.hero-image.width 9",
      f"{SET} --path image-pipeline:renditions.hero-image.height 9"]),
    ({"renditions": {"manifest": {"width": 9, "height": 9}}}, "renditions.manifest has a name that cannot be; it takes any other",
     [f"{RM} --path image-pipeline:renditions.manifest", f"{SET} --path image-pipeline:renditions.manifest-picture.width 9",
      f"{SET} --path image-pipeline:renditions.manifest-picture.height 9"]),
    ({"subscribers": {"search": {"protocol": "SQS"}}}, "subscribers.search.protocol is 'SQS'; it takes one of sqs, https, email", [f"{SET} --path image-pipeline:subscribers.search.protocol sqs"]),
    ({"subscribers": {"hook": {"protocol": "https", "endpoint": "example.org"}}}, "subscribers.hook.endpoint is 'example.org'; it takes an address that starts with https://",
     [f"{SET} --path image-pipeline:subscribers.hook.endpoint https://example.org/pictures"]),
    ({"page": {**CODE["page"], "hstsSubdomains": True}}, "page.hstsSubdomains is true; it takes false without page.domain", [f"{SET} --path image-pipeline:page.hstsSubdomains false"]),
    ({"recipes": {"raw/": True}}, "recipes.raw/ is true; it takes an object of renditions by name, or false", [f"{SET} --path image-pipeline:recipes.raw/ false"]),
    ({"recipes": {"avatars/": {"thumbnial": {"width": 96}}}}, "recipes.avatars/.thumbnial has no width and height of its own; did you mean thumbnail?",
     [f"{RM} --path image-pipeline:recipes.avatars/.thumbnial", f"{SET} --path image-pipeline:recipes.avatars/.thumbnail.width 96"]),
    ({"recipes": {"avatars/": {"thumbnail": False, "web": False}}}, "recipes.avatars/ leaves nothing to make", [f"{RM} --path image-pipeline:recipes.avatars/.thumbnail"]),
    ({"recipes": {"my cats/": {"web": {"width": 96}}}}, 'recipes["my cats/"] has a name that cannot be; it takes 1 to 512 letters',
     [f"""{RM} --path 'image-pipeline:recipes["my cats/"]'""", f"{SET} --path image-pipeline:recipes.mycats/.web.width 96"]),
    ({"recipes": {"raw/": False}, "source": {"prefix": "in/"}}, "recipes.raw/ is not within source.prefix, 'in/': no event is sent for it",
     [f"{RM} --path image-pipeline:recipes.raw/", f"{SET} --path image-pipeline:recipes.in/raw/ false"]),
    ({**CODE, "recipes": {"uploads/": False}}, "recipes.uploads/ is false, but the page uploads there", [f"{RM} --path image-pipeline:recipes.uploads/"]),
    ({"subscribers": {"search": {"protocol": "sqs", "filter": {"folder": ["cats/"]}}}}, "subscribers.search.filter.folder is not a key; there are type, prefix, renditions",
     [f"{RM} --path image-pipeline:subscribers.search.filter.folder"]),
    ({"subscribers": {"search": {"protocol": "sqs"}}, "completionMessages": False}, "completionMessages is 'false'; it takes true where there are subscribers",
     [f"{SET} image-pipeline:completionMessages true"]),
    ({"tags": {"stack": "x"}}, "tags.stack has a name that is taken, by stack", [f"{RM} --path image-pipeline:tags.stack"]),
    ({"tags": {"Project": "x"}}, "tags.Project has a name that is taken, by project: case does not count", [f"{RM} --path image-pipeline:tags.Project"]),
    ({"tags": {"team": "x", "Team": "y"}}, "tags.Team has a name that is taken, by team", [f"{RM} --path image-pipeline:tags.Team"]),
    ({**CODE, "tags": {f"t{n}": "x" for n in range(8)}}, "tags.t7 is one tag too many: there may be 7, since S3", [f"{RM} --path image-pipeline:tags.t7"]),
    ({"subscribers": {"search": {"protocol": "sqs"}, "search-undelivered": {"protocol": "sqs"}}}, "subscribers.search-undelivered has a name that cannot be",
     [f"{RM} --path image-pipeline:subscribers.search-undelivered", f"{SET} --path image-pipeline:subscribers.search-2.protocol sqs"]),
    ({"tags": {"team": "a|b"}}, "tags.team is 'a|b'; it takes up to 256 letters", [f"{SET} --path image-pipeline:tags.team ab"]),
    ({"page": {"access": {"code": "too-short"}}}, "page.access.code is a secret that is not shown; it takes 16 to 128", [f"{SET} --secret --path image-pipeline:page.access.code"]),
    ({"webAccessCode": "too-short"}, "webAccessCode is not a key; did you mean page.access.code?",
     [f"{RM} image-pipeline:webAccessCode", f"{SET} --secret --path image-pipeline:page.access.code"]),
    ({"page": {**DOMAIN}}, "page.domain is set, but there is no page", [f"{SET} --secret --path image-pipeline:page.access.code"]),
    ({"page": {"access": {**CODE["page"]["access"], **TOKENS["page"]["access"]}}}, "page.access.code is set beside page.access.jwt", [f"{RM} --path image-pipeline:page.access.jwt"]),
    ({"page": {"access": {"jwt": {"audience": "page"}}}}, "page.access.jwt.issuer is not set; it takes an https:// address", [f"{SET} --path image-pipeline:page.access.jwt.issuer https://issuer.example.org"]),
    ({"page": {**CODE["page"], "firewallRequests": 9}}, "page.firewallRequests is 9; it takes at least 10, or 0", [f"{SET} --path image-pipeline:page.firewallRequests 10"]),
    ({"page": {**CODE["page"], "maxMegabytes": 400}}, "page.maxMegabytes is 400; it takes 211 at most, all that a worker of 512 MB reads", [f"{SET} --path image-pipeline:page.maxMegabytes 211"]),
    ({"delivery": {"enabled": "on"}}, "delivery.enabled is 'on'; it takes true or false", [f"{SET} --path image-pipeline:delivery.enabled true"]),
    ({"delivery": {"enabled": True, "manifests": 2}}, "delivery.manifests is 2; it takes true or false", [f"{SET} --path image-pipeline:delivery.manifests false"]),
    ({"delivery": {"domain": "CDN.example.org"}}, "delivery.domain is 'CDN.example.org'; it takes a host name beside delivery.certificateArn",
     [f"{SET} --path image-pipeline:delivery.domain cdn.example.org",
      f"{SET} --path image-pipeline:delivery.certificateArn arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"]),
    ({"delivery": {"domain": "cdn.example.org"}}, "delivery.certificateArn is not set; it takes beside delivery.domain the ARN of a certificate in us-east-1",
     [f"{SET} --path image-pipeline:delivery.certificateArn arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"]),
    ({"delivery": {**DOMAIN, "certificateArn": DOMAIN["certificateArn"].replace("us-east-1", "eu-west-1")}}, "delivery.certificateArn is 'arn:aws:acm:eu-west-1",
     [f"{SET} --path image-pipeline:delivery.certificateArn arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"]),
    ({"delivery": {"priceClass": "all"}}, "delivery.priceClass is 'all'; it takes one of PriceClass_100, PriceClass_200, PriceClass_All", [f"{SET} --path image-pipeline:delivery.priceClass PriceClass_All"]),
    ({"delivery": {"origins": "*"}}, "delivery.origins is '*'; it takes a list", [f"{RM} --path image-pipeline:delivery.origins"]),
    ({"delivery": {"origins": ["https://WWW.example.org/shop"]}}, "delivery.origins[0] is 'https://WWW.example.org/shop'; it takes the origin of a page",
     [f"{SET} --path 'image-pipeline:delivery.origins[0]' https://www.example.org"]),
    ({"delivery": {"origins": ["shop"]}}, "delivery.origins[0] is 'shop'; it takes the origin of a page", [f"{SET} --path 'image-pipeline:delivery.origins[0]' https://www.example.org"]),
    ({"delivery": {"origins": ["*", "https://a.example.org"]}}, "delivery.origins[1] is 'https://a.example.org'; it takes no origin that is among the others already",
     [f"{RM} --path 'image-pipeline:delivery.origins[1]'"]),
    ({"delivery": {"origins": ["https://a.example.org", "https://a.example.org"]}}, "delivery.origins[1] is 'https://a.example.org'; it takes no origin that is among",
     [f"{RM} --path 'image-pipeline:delivery.origins[1]'"]),
    ({"delivery": {"origin": ["*"]}}, "delivery.origin is not a key; did you mean delivery.origins?", [f"{RM} --path image-pipeline:delivery.origin", f"{SET} --path 'image-pipeline:delivery.origins[0]' '*'"]),
    ({**CODE, "source": {"prefix": "photos/"}}, "source.prefix is 'photos/'; it takes a start of uploads/", [f"{SET} --path image-pipeline:source.prefix uploads/"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "sentence", "commands"), WRONG, ids=[sentence[:40] for _, sentence, _ in WRONG])
def test_a_wrong_value_is_an_error_with_its_place_and_the_commands_that_correct_it(document, sentence, commands):
    """It begins with the place and the value, and the commands do what they say: on this stack, and on an empty one."""
    config = own(document)
    said, proposed = refusal(config)
    assert said.startswith(sentence)
    assert proposed == commands
    empty: dict[str, Any] = {}
    for command in proposed:
        run(command, config)
        run(command, empty)
    read(config)
    assert not {tuple(parsed(place)) for place in refused(empty)} & set_by(proposed)


def refused(config: dict[str, Any]) -> list[str]:
    """Return the places that are refused."""
    try:
        read(config)
    except ConfigError as exc:
        return [text_of(problem.path) for problem in exc.problems]
    return []


def set_by(commands: list[str]) -> set[tuple[str | int, ...]]:
    """Return the places that commands set or remove."""
    keys = [word for command in commands for word in shlex.split(command) if word.startswith(f"{NAMESPACE}:")]
    return {tuple(parsed(key.partition(":")[2])) for key in keys}


def test_a_secret_is_in_no_message():
    """Neither in the sentence nor in a command, wherever it was set by mistake."""
    for document in ({"page": {"access": {"code": "hush"}}}, {"page": {"acess": {"code": {"secure": "hush"}}}},
                     {"page": "hush"}, {"accessCode": {"secure": "hush"}}, {"page.access.code": "hush"}, {"page.acess.code": "hush"},
                     {"page": {"acess": {"code": "hush"}}}, {"pages": {"access": {"code": {"secure": "hush"}}}}):  # fmt: skip
        with pytest.raises(ConfigError) as caught:
            read(own(document))
        assert "hush" not in str(caught.value)


def test_what_cannot_be_printed_reaches_no_terminal():
    """An escape sequence in a key or a value is shown as text, and no command has it."""
    with pytest.raises(ConfigError) as caught:
        load(worker={"\x1b[2J": 1, "runtime": "a\nb"}, tags={"team": "\x07"}, renditions={"\u202e": {"width": 1}})
    assert all(line.isprintable() for line in str(caught.value).splitlines())
    assert "\\x1b[2J" in str(caught.value)


def test_all_wrong_values_are_reported_at_once():
    """Nobody runs `pulumi up` once for each mistake: all that is wrong in a list, too."""
    renditions = {"web": {"fit": "fill", "quality": 0}, "hero": {"width": 0}}
    with pytest.raises(ConfigError) as caught:
        load(worker={"memory": 1, "architecture": "sparc"}, renditions=renditions, source={"suffixes": ["*", "?"]})
    assert len(caught.value.problems) == 8


TEXT = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\") | st.just(" "), max_size=12)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 20_000), st.floats(allow_nan=False, allow_infinity=False),
    TEXT, st.sampled_from(["arm", "webP", "yes", ".jpg", "#FFF", "me@here", "https://a.b", "512", "true"]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=4
)
PATHS = [path for path in leaves({key: entry.default for key, entry in declared().items()}) if path[0] != "tags"]
PLACES = [*PATHS, *{path[:-1] for path in PATHS if len(path) > 1},
          *[("renditions", "hero", field) for field in FIELDS if field != "name"],
          ("recipes", "avatars/", "thumbnail", "width"), ("recipes", "raw/"), ("recipes", "a b", "hero", "fit"),
          ("subscribers", "search"), ("subscribers", "s", "protocol"), ("subscribers", "hook", "filter"),
          ("subscribers", "s", "filter", "prefix"), ("subscribers", "s", "readers"), ("tags", "team"), ("tags",)]  # fmt: skip


@st.composite
def misspelt(draw, name):
    """Draw a name with a letter too many, too few, or of the other case; most often the name itself."""
    at = draw(st.integers(0, max(0, len(name) - 1)))
    return draw(
        st.sampled_from([name] * 8 + [name[:at] + name[at + 1 :], name[:at] + "x" + name[at:], name.swapcase()])
    )


@st.composite
def stack_files(draw):
    """Draw a stack's file: values of every kind at places that are known or nearly so."""
    config: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 5))):
        first, *rest = [draw(misspelt(name)) for name in draw(st.sampled_from(PLACES))]
        if not all([first, *rest]):
            continue
        value = draw(ANYTHING)
        for name in reversed(rest):
            value = {name: value}
        known = config.setdefault(f"{NAMESPACE}:{first}", value)
        if isinstance(known, dict) and isinstance(value, dict):
            known.update(value)
    return config


@settings(deadline=None, phases=[Phase.generate])
@given(config=stack_files())
def test_whatever_is_refused_can_be_corrected_by_the_commands(config):
    """Any file is accepted in the end by running what the refusals propose, in a few rounds, and no error is a crash."""
    config = copy.deepcopy(config)
    for _ in range(6):
        try:
            read(config)
        except ConfigError as exc:
            for line in str(exc).splitlines():
                if line.startswith("    "):
                    assert shlex.split(line)
                    run(line.strip(), config)
        else:
            return
    pytest.fail(f"still refused: {config}")
