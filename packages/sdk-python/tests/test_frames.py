import json
import os
import random
import threading

import pytest

from modelops._frames import decode_body, encode_frame, read_frame, write_frame


def test_a_frame_is_lengths_header_and_padded_buffers():
    encoded = b"".join(encode_frame({"type": "x"}, [b"abc", b"", bytes(8)]))
    text = b'{"type":"x","buffers":[3,0,8]}'
    header = len(text).to_bytes(4, "little") + text
    body = header + bytes(-(4 + len(header)) % 8) + b"abc" + bytes(5) + bytes(8)
    assert encoded == len(body).to_bytes(4, "little") + body
    assert len(encoded) % 8 == 0


def test_frames_come_back_through_a_pipe_whatever_their_sizes():
    rng = random.Random(1)
    frames = [({"type": "t", "text": "ü" * rng.randrange(9)}, [rng.randbytes(rng.randrange(200_000)) for _ in range(rng.randrange(5))]) for _ in range(40)]
    frames.append(({"type": "many"}, [bytes([k % 251]) for k in range(2000)]))
    reading, writing = os.pipe()
    writer = threading.Thread(target=lambda: ([write_frame(writing, *frame) for frame in frames], os.close(writing)))
    writer.start()
    for header, buffers in frames:
        found = read_frame(reading)
        assert found is not None
        assert found[0] == {**header, "buffers": [len(buffer) for buffer in buffers]}
        assert [bytes(view) for view in found[1]] == buffers
    assert read_frame(reading) is None
    writer.join()
    os.close(reading)


def test_a_frame_has_a_limit(monkeypatch):
    monkeypatch.setattr("modelops._frames.MAX_BYTES", 2**20)
    with pytest.raises(OverflowError, match="0.0 GiB in one message; the limit is 2 GiB"):
        encode_frame({"type": "x"}, [bytes(2**20)])


def test_a_cut_frame_is_the_end_of_the_stream():
    reading, writing = os.pipe()
    os.write(writing, b"".join(encode_frame({"type": "x"}, [bytes(100)]))[:-1])
    os.close(writing)
    assert read_frame(reading) is None
    os.close(reading)


def test_what_json_cannot_hold_is_an_error_and_strings_of_any_kind_pass():
    with pytest.raises(ValueError, match="JSON compliant"):
        encode_frame({"type": "x", "loss": float("nan")})
    body = memoryview(b"".join(encode_frame({"type": "x", "text": "\ud800"}))[4:])
    assert json.dumps(decode_body(body)[0]["text"]) == '"\\ud800"'
