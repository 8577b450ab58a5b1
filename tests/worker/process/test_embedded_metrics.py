from __future__ import annotations

from worker.contracts.metrics import NAMESPACE, UNITS
from worker.process.embedded_metrics import Emitter

EMITTER = Emitter("worker", lambda: 12.5)


def test_a_line_says_what_its_metrics_are():
    """Units, dimensions and milliseconds since the epoch, as in the specification, at the root of the line."""
    fields = EMITTER.fields({"Ready": 1, "BytesIn": 9})
    assert fields == {
        "_aws": {
            "Timestamp": 12_500,
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": "Ready", "Unit": "Count"}, {"Name": "BytesIn", "Unit": "Bytes"}],
                }
            ],
        },
        "FunctionName": "worker",
        "Reason": None,
        "Ready": 1,
        "BytesIn": 9,
    }


def test_rejects_are_counted_with_and_without_their_reason():
    """One for the alarm, one for each reason on the dashboard; nothing else has the second dimension."""
    directives = EMITTER.fields({"Ready": 1, "Rejected": 1}, reason="truncated")["_aws"]["CloudWatchMetrics"]
    dimensions = {metric["Name"]: d["Dimensions"] for d in directives for metric in d["Metrics"]}
    assert dimensions == {"Ready": [["FunctionName"]], "Rejected": [["FunctionName"], ["FunctionName", "Reason"]]}


def test_no_values_are_no_fields():
    """A message that changes nothing costs no metric."""
    assert EMITTER.fields({}) == {}


def test_every_metric_has_a_unit_that_cloudwatch_knows():
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html."""
    assert set(UNITS.values()) <= {"Count", "Bytes", "Milliseconds", "Seconds", "Megabytes"}
