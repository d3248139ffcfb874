"""G.711 mu-law (ITU-T G.711, 1988) and the WAV container for it (format tag 7)."""

import struct

BIAS = 132           # 33 of the 14-bit law, scaled to 16 bits
CLIP = 32635         # the largest 16-bit magnitude that still fits after the bias


def encode(sample):
    """Returns the code for a float sample in [-1, 1]."""
    value = int(sample * 32768)
    sign = 0x80 if value < 0 else 0
    value = min(abs(value), CLIP) + BIAS
    exponent = value.bit_length() - 8
    mantissa = (value >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def wav(samples, rate):
    """Returns the bytes of a mono WAV file; `fact` holds the number of samples, as any non-PCM format needs."""
    data = bytes(encode(sample) for sample in samples)
    form = struct.pack("<HHIIHHH", 7, 1, rate, rate, 1, 8, 0)
    chunks = _chunk(b"fmt ", form) + _chunk(b"fact", struct.pack("<I", len(data))) + _chunk(b"data", data)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
