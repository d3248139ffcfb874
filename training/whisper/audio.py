"""Synthetic speech and noises, and Whisper's log-mel as whisper.cpp computes it (src/whisper.cpp, log_mel_spectrogram)."""
import io
import subprocess
import wave

import numpy as np

RATE = 16000
ESPEAK = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029"]
VARIANTS = ["", "+m1", "+m2", "+m3", "+m4", "+m5", "+m7", "+f1", "+f2", "+f3", "+f4"]
FLITE = ["kal16", "awb", "rms", "slt"]


def _read(octets):
    with wave.open(io.BytesIO(octets)) as file:
        raw = octets[octets.index(b"data") + 8:]
        samples = np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2").astype(np.float32) / 32768
        return samples, file.getframerate()


def speak(text, dice):
    """One sentence by a voice drawn from the dice, mono at 16 kHz."""
    if dice.random() < 0.35:
        out = subprocess.run(["flite", "-voice", dice.choice(FLITE), "--setf", f"duration_stretch={dice.uniform(0.85, 1.25):.2f}", "-t", text, "-o", "/dev/stdout"],
                             capture_output=True, check=True).stdout
    else:
        out = subprocess.run(["espeak-ng", "-v", dice.choice(ESPEAK) + dice.choice(VARIANTS), "-s", str(dice.randint(130, 190)),
                              "-p", str(dice.randint(30, 70)), "--stdout", text], capture_output=True, check=True).stdout
    samples, rate = _read(out)
    samples = resample(samples, rate, RATE)
    loud = np.nonzero(np.abs(samples) > 0.01)[0]
    return samples[loud[0]: loud[-1] + 1] if loud.size else samples


def resample(samples, source, target):
    """Band-limited, by cutting or padding the spectrum."""
    if source == target:
        return samples
    count = int(round(len(samples) * target / source))
    spectrum = np.fft.rfft(samples)
    kept = np.zeros(count // 2 + 1, dtype=complex)
    n = min(len(kept), len(spectrum))
    kept[:n] = spectrum[:n]
    return (np.fft.irfft(kept, count) * (count / len(samples))).astype(np.float32)


def telephone(samples):
    """Down to 8 kHz, through the mu-law curve at 8 bits, and up again."""
    narrow = np.clip(resample(samples, RATE, 8000), -1, 1)
    curve = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    curve = np.round(curve * 127) / 127
    narrow = np.sign(curve) * (np.power(256.0, np.abs(curve)) - 1) / 255
    return resample(narrow.astype(np.float32), 8000, RATE)[: len(samples)]


def noise(seconds, rng):
    """Something that is no speech: quiet, white or brown noise, hum, or tones."""
    n = int(seconds * RATE)
    t = np.arange(n) / RATE
    kind = rng.integers(5)
    if kind == 0:
        return (rng.standard_normal(n) * 1e-4).astype(np.float32)
    if kind == 1:
        return (rng.standard_normal(n) * rng.uniform(0.002, 0.1)).astype(np.float32)
    if kind == 2:
        brown = np.cumsum(rng.standard_normal(n))
        return (brown / np.abs(brown).max() * 0.2).astype(np.float32)
    if kind == 3:
        return (0.05 * np.sin(2 * np.pi * 50 * t) + 0.02 * rng.standard_normal(n)).astype(np.float32)
    tones = sum(np.sin(2 * np.pi * f * t) for f in rng.uniform(250, 2000, size=2))
    return (tones * 0.15 * (np.sin(2 * np.pi * t / rng.uniform(0.5, 3)) > 0)).astype(np.float32)


def mel_filters(bands=80):
    """Slaney's mel scale and norm, as librosa.filters.mel(sr=16000, n_fft=400, n_mels=80); shape [80, 201]."""
    def to_mel(hz):
        return np.where(hz < 1000, hz / (200 / 3), 15 + np.log(np.maximum(hz, 1e-9) / 1000) / (np.log(6.4) / 27))

    def to_hz(mel):
        return np.where(mel < 15, mel * (200 / 3), 1000 * np.exp((np.log(6.4) / 27) * (mel - 15)))

    edges = to_hz(np.linspace(to_mel(np.array(0.0)), to_mel(np.array(8000.0)), bands + 2))
    ramps = edges[:, None] - np.fft.rfftfreq(400, 1 / RATE)[None, :]
    width = np.diff(edges)
    lower, upper = -ramps[:-2] / width[:-1, None], ramps[2:] / width[1:, None]
    return (np.maximum(0, np.minimum(lower, upper)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


FILTERS = mel_filters()
HANN = (0.5 * (1 - np.cos(2 * np.pi * np.arange(400) / 400))).astype(np.float32)


def log_mel(samples, frames):
    """[80, frames] of the samples and the silence behind them; 10 ms a frame."""
    padded = np.concatenate([samples[1:201][::-1], samples, np.zeros(max(0, frames * 160 + 400 - len(samples)), np.float32)])
    at = np.arange(frames)[:, None] * 160 + np.arange(400)[None, :]
    power = np.abs(np.fft.rfft(padded[at] * HANN, axis=1)) ** 2
    mel = np.log10(np.maximum(power @ FILTERS.T, 1e-10)).T
    return ((np.maximum(mel, mel.max() - 8) + 4) / 4).astype(np.float32)
