"""One spoken sentence: synthesised, changed in pace and pitch, cut to its words, set to a level.

All samples are floats in [-1, 1] at 8 kHz.
"""

import array
import math
import os
import subprocess
import tempfile

RATE = 8000          # Hz, what G.711 carries
FRAME = 80           # samples, 10 ms: the grain in which silence is cut off
QUIET_DB = -46.0     # a frame this far below the loudest one holds no speech
KNEE = 0.40          # full scale = 1: samples below pass the limiter unchanged
CEILING = 0.69       # full scale = 1: -3.2 dBFS, no sample gets past it


def speak(sentence, voice, pace, pitch, effort):
    """Returns the samples of `sentence`, without silence before the first and after the last sound.

    pace: 1 is the voice's own speed, 1.2 is a fifth faster. pitch: cents, kept apart from the pace.
    effort: dB more above 1.5 kHz, as in a raised voice.
    """
    with tempfile.TemporaryDirectory() as folder:
        raw = os.path.join(folder, "speech.wav")
        # 'speed' moves pitch and formants together (another throat); the synthesiser makes up for the time.
        speed = voice.get("speed", 1.0)
        rate = pace * voice.get("pace", 1.0) / speed
        _synthesise(sentence, voice, rate, raw, folder)
        command = ["sox", "-D", "-R", raw, "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", str(RATE), "-"]
        command += ["gain", "-4"]  # room for the filters, which overshoot
        if speed != 1.0:
            command += ["speed", str(speed)]
        if pitch:
            command += ["pitch", str(pitch)]
        if effort:
            command += ["treble", str(effort), "1500"]
        command += ["highpass", "150", "gain", "-n", "-6"]
        pcm = array.array("h", subprocess.run(command, check=True, capture_output=True).stdout)
    return _cut([value / 32768.0 for value in pcm])


def _synthesise(sentence, voice, rate, target, folder):
    if voice["engine"] == "flite":
        subprocess.run(["flite", "-voice", voice["name"], "--setf", f"duration_stretch={1 / rate:.4f}",
                        "-t", sentence, "-o", target], check=True)
        return
    text = os.path.join(folder, "speech.txt")
    with open(text, "w", encoding="ascii") as file:
        file.write(sentence + "\n")
    setup = (f"(begin (voice_{voice['name']}) (set! hts_engine_params"
             f" (append hts_engine_params (list '(\"-r\" {rate:.4f})))))")
    subprocess.run(["text2wave", "-eval", setup, text, "-o", target], check=True)


def _cut(samples):
    energies = [sum(v * v for v in samples[i:i + FRAME]) for i in range(0, len(samples), FRAME)]
    floor = max(energies) * 10 ** (QUIET_DB / 10)
    loud = [i for i, energy in enumerate(energies) if energy > floor]
    # One frame more on either side: a soft consonant starts below the floor.
    return samples[max(0, loud[0] - 1) * FRAME:(loud[-1] + 2) * FRAME]


def rms_db(samples):
    """Root mean square in dBFS, where a square wave at full scale is 0."""
    return 10 * math.log10(sum(v * v for v in samples) / len(samples))


def at_level(samples, level):
    """Returns `samples` at `level` dBFS (RMS), with peaks bent softly under CEILING."""
    gain = 10 ** ((level - rms_db(samples)) / 20)
    shaped = samples
    for _ in range(6):
        # The limiter takes some of the level away: ask again for what is missing.
        shaped = [_limit(v * gain) for v in samples]
        gain *= 10 ** ((level - rms_db(shaped)) / 20)
    return shaped


def _limit(value):
    size = abs(value)
    if size <= KNEE:
        return value
    room = CEILING - KNEE
    return math.copysign(KNEE + room * math.tanh((size - KNEE) / room), value)
