from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ops.stack.aws import Clients
from ops.stack.metrics import latest, of_worker

pytestmark = pytest.mark.stack


def test_a_sum_is_of_the_last_five_minutes_wherever_the_clock_s_own_five_begin(engine):
    """A minute after these begin, what happened before them counts; without a number there is none."""
    began = datetime.fromtimestamp(datetime.now(UTC).timestamp() // 300 * 300, UTC)
    worker, now = str(uuid4()), began + timedelta(minutes=1)
    clients = Clients(engine["region"], engine["endpoint_url"])
    metric = of_worker("Invocations", worker)
    assert latest(clients, metric, now) is None
    for moment in (began - timedelta(minutes=3), began - timedelta(minutes=1), began):
        clients("cloudwatch").put_metric_data(
            Namespace=metric.namespace,
            MetricData=[
                {
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": metric.dimension, "Value": worker}],
                    "Timestamp": moment,
                    "Value": 1.0,
                }
            ],
        )
    assert latest(clients, metric, now) == 3.0
    clients.close()
