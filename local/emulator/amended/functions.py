"""What the emulator's Lambda is made to do as AWS's does: see `local/emulator/amendments.py`.

- Every invocation is counted in AWS/Lambda, whoever asked for it: the emulator counts those of the Invoke API only.
- An invocation that is under way when the function's code changes goes on with the code that it began with; the emulator kills it.
- An error is in the log as JSON, as with the log format JSON: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
- An environment that ends in the middle of an invocation, or at its start, ends no other: the emulator kills all of the function's.
"""

from __future__ import annotations

import json
import time
from typing import Any


def amend_functions() -> None:
    """Wrap the functions, before the first request."""
    _count_invocations()
    _finish_invocations()
    _fail_alone()


def _count_invocations() -> None:
    from ministack.services import cloudwatch, lambda_svc

    dispatch, acquire = lambda_svc._execute_function_dispatch, lambda_svc._acquire_execution_slot
    assert callable(lambda_svc._emit_lambda_metrics)
    lambda_svc._emit_lambda_metrics = lambda *_, **__: None

    def count(config: Any, metric: str, value: float, unit: str = "Count") -> None:
        cloudwatch.record_metric("AWS/Lambda", metric, value, unit, {"FunctionName": config["FunctionName"]})

    def counted(func: Any, config: Any, *rest: Any) -> Any:
        began = time.time()
        result = dispatch(func, config, *rest)
        count(config, "Invocations", 1)
        count(config, "Errors", bool(result.get("error")))
        count(config, "Throttles", 0)
        count(config, "Duration", (time.time() - began) * 1000, "Milliseconds")
        return result

    def acquired(func: Any, config: Any) -> Any:
        slot, limit = acquire(func, config)
        if slot is None:
            count(config, "Throttles", 1)
        return slot, limit

    lambda_svc._execute_function_dispatch = counted
    lambda_svc._acquire_execution_slot = acquired


def _finish_invocations() -> None:
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    update, release = lambda_svc._update_code, lambda_runtime.release_worker
    assert lambda_svc.release_worker is release
    finishing: set[Any] = set()

    def updated(name: str, data: Any) -> Any:
        with lambda_runtime._lock:
            for key, workers in lambda_runtime._workers.items():
                if name in key.split(":"):
                    finishing.update(worker for worker in workers if worker.in_use)
                    workers[:] = [worker for worker in workers if not worker.in_use]
        return update(name, data)

    def released(worker: Any) -> None:
        release(worker)
        if worker in finishing:
            finishing.remove(worker)
            lambda_runtime.kill_workers([worker])

    lambda_svc._update_code = updated
    lambda_svc.release_worker = released


def _fail_alone() -> None:
    from ministack.core import lambda_runtime

    invoke = lambda_runtime.Worker.invoke

    def invoked(worker: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            answer = invoke(worker, *args, **kwargs)
        except Exception as exc:  # noqa: BLE001 - what the emulator itself would catch
            lambda_runtime.kill_workers([worker])
            answer = {"status": "error", "error": str(exc)}
        if answer.get("status") == "error":
            lines = (answer.get("log"), json.dumps(error_line(answer)))
            answer = {**answer, "log": "\n".join(line for line in lines if line)}
        return answer

    lambda_runtime.Worker.invoke = invoked


def error_line(answer: Any) -> dict[str, Any]:
    """Return what Lambda's runtime logs of an invocation that failed, given the emulator's answer."""
    said, trace = str(answer.get("error", "")), str(answer.get("trace") or "").strip()
    raised = trace.rpartition("\n")[2].partition(":")[0]
    kind = "Runtime.ImportModuleError" if said.startswith("Worker init failed") else raised or "Runtime.ExitError"
    return {"log_level": "ERROR", "errorMessage": said, "errorType": kind}
