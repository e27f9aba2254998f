"""Records what TensorBoard's own writer puts into an event file, for the tests to compare with.

    python tools/record-fixtures/tensorboard_events.py

writes packages/training/test/fixtures/tensorboard.json.
"""

import io
import json
from pathlib import Path

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.record_writer import RecordWriter

PATH = Path(__file__).resolve().parents[2] / "packages/training/test/fixtures/tensorboard.json"
WALL_TIME = 1764000000.25
HISTOGRAM = {
    "min": -1.5,
    "max": 2.25,
    "count": 7,
    "sum": 1.75,
    "sumSquares": 9.5,
    "limits": [-0.25, 1, 2.25],
    "counts": [2, 4, 1],
    "nonFinite": 0,
}


def main():
    h = HISTOGRAM
    histogram = HistogramProto(
        min=h["min"], max=h["max"], num=h["count"], sum=h["sum"], sum_squares=h["sumSquares"],
        bucket_limit=h["limits"], bucket=h["counts"],
    )
    scalars = Summary(value=[Summary.Value(tag="step/loss", simple_value=0.5), Summary.Value(tag="step/lr", simple_value=1e-3)])
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=WALL_TIME, file_version="brain.Event:2").SerializeToString())
    writer.write(Event(wall_time=WALL_TIME, step=300, summary=scalars).SerializeToString())
    writer.write(Event(wall_time=WALL_TIME, step=3_000_000_000, summary=Summary(value=[Summary.Value(tag="weight/0", histo=histogram)])).SerializeToString())

    content = {"source": f"TensorBoard {tensorboard.__version__}", "wallTime": WALL_TIME, "histogram": HISTOGRAM, "bytes": file.getvalue().hex()}
    PATH.write_text(json.dumps(content) + "\n")


main()
