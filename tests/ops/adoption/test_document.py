from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from ops.adoption.document import Document, NoConfigurationError
from tests.ops.adoption.configurations import EMPTY, OTHERS, S3, configurations


def parsed(raw):
    """Return the elements below the root."""
    return list(ET.fromstring(raw))  # noqa: S314 - our own


@given(configurations())
def test_the_flag_is_all_that_is_added_and_without_it_every_byte_is_as_it_was(raw):
    """Whatever else is in it: prefixes, comments, unheard-of elements, what only looks like the flag."""
    document = Document(raw)
    flagged = document.with_flag()
    assert not document.has_flag
    assert flagged.has_flag
    *others, last = parsed(flagged.raw)
    assert last.tag == f"{{{S3}}}EventBridgeConfiguration"
    assert [ET.tostring(each).strip() for each in others] == [ET.tostring(each).strip() for each in parsed(raw)]
    assert flagged.others == document.others
    assert flagged.without_flag().raw == raw


@given(configurations(flags=1) | configurations(flags=2))
def test_a_flag_that_is_there_is_left_alone_or_taken_out_whole(raw):
    """However it is written, even where it is there twice; the others stay."""
    document = Document(raw)
    assert document.has_flag
    assert document.with_flag().raw == raw
    rest = document.without_flag()
    assert not rest.has_flag
    assert rest.others == document.others


@pytest.mark.parametrize(
    ("raw", "flagged"),
    [
        (EMPTY, EMPTY.replace(b"/>", b"><EventBridgeConfiguration/></NotificationConfiguration>")),
        (
            b"<NotificationConfiguration/>",
            b"<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>",
        ),
        (
            b'<a:NotificationConfiguration xmlns:a="u"> </a:NotificationConfiguration>',
            b'<a:NotificationConfiguration xmlns:a="u"> <a:EventBridgeConfiguration/></a:NotificationConfiguration>',
        ),
    ],
)
def test_an_empty_configuration_is_opened(raw, flagged):
    """As S3 answers for a bucket that notifies nobody, and closed again without the flag."""
    assert Document(raw).with_flag().raw == flagged
    assert Document(flagged).without_flag().raw == raw


def test_order_prefixes_and_indentation_say_nothing_but_spaces_in_a_value_do():
    """S3 may write in its own way what it was sent; a filter for ` in/` is another one than for `in/`."""
    one = b'<NotificationConfiguration xmlns="u"><A><B>x</B><C> y</C></A><D/></NotificationConfiguration>'
    same = b'<p:NotificationConfiguration xmlns:p="u">\n<p:D></p:D>\n<p:A>\n <p:B>x</p:B><p:C> y</p:C></p:A></p:NotificationConfiguration>'
    assert Document(one).others == Document(same).others
    assert Document(one).others != Document(one.replace(b" y", b"y")).others
    assert Document(one).others != Document(one.replace(b"<D/>", b"<D/><D/>")).others


def test_people_see_who_gets_what():
    """All of it, what boto3 has never heard of too."""
    assert Document(OTHERS).with_flag().lines() == [
        "CloudFunctionConfiguration  Id=c  CloudFunction=arn:aws:lambda:eu-central-1:1:function:f  Event=s3:ObjectRemoved:*",
        "TableConfiguration  Id=b  Table=unheard of",
        "TopicConfiguration  Id=a  Topic=arn:aws:sns:eu-central-1:1:new  Event=s3:ObjectCreated:*  prefix=in/",
    ]
    assert Document(EMPTY).lines() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html></html>",
        b"<NotificationConfiguration>",
        "<NotificationConfiguration/>".encode("utf-16"),
        b'<!DOCTYPE N [<!ENTITY e "x">]><NotificationConfiguration>&e;</NotificationConfiguration>',
    ],
)
def test_what_is_no_configuration_is_refused(raw):
    """Nothing would be known of what is written."""
    with pytest.raises(NoConfigurationError):
        Document(raw).with_flag()
