"""Builds one sample call from its script: customer.wav, agent.wav and call.json.

usage: build.py SCRIPT.json FOLDER
"""

import json
import math
import os
import random
import re
import sys

import g711
import voice

ROLES = ("customer", "agent")
MARKS = ("upset_from", "escalates_at", "recovers_at")
DEFAULTS = {"gap": 0.45, "pace": 1.0, "pitch": 0, "effort": 0, "level": -22.0, "pause": 0.35, "upset": 0}
LEAD = 1.0           # seconds of line noise before the first word
TAIL = 1.2           # seconds of line noise after the last word
NOISE_DB = -65.0     # dBFS (RMS): the quiet of a line, so that no stretch is digital silence
MARK = re.compile(r"^\{(\w+)\}\s*")


def render(turn, who):
    """Returns the samples of a turn and its marks: name -> seconds after the turn's start."""
    samples, marks = [], {}
    for sentence in re.split(r"(?<=[.?!])\s+", turn["text"]):
        if samples:
            samples += [0.0] * round(turn["pause"] * voice.RATE)
        mark = MARK.match(sentence)
        if mark:
            marks[mark.group(1)] = len(samples) / voice.RATE
            sentence = sentence[mark.end():]
        spoken = voice.speak(sentence, who["voice"], turn["pace"], turn["pitch"], turn["effort"])
        samples += voice.at_level(spoken, turn["level"])
    return samples, marks


def place(script):
    """Returns the clips on one timeline: (role, first sample, samples, turn), and the marks in seconds."""
    clips, marks, end = [], {}, LEAD
    for line in script["turns"]:
        turn = _checked(script, line)
        samples, found = render(turn, script["parties"][turn["role"]])
        start = max(0, round((end + turn["gap"] * bool(clips)) * voice.RATE))
        busy = [first + len(clip) for role, first, clip, _ in clips if role == turn["role"]]
        if busy and start < max(busy):
            sys.exit(f"{script['title']}: '{turn['text']}' starts while the same party still speaks; raise its gap.")
        clips.append((turn["role"], start, samples, turn))
        marks.update({name: round(start / voice.RATE + offset, 3) for name, offset in found.items()})
        end = max((first + len(clip)) / voice.RATE for _, first, clip, _ in clips[-2:])
    return clips, marks


def _checked(script, line):
    """Returns the turn with its defaults filled in; ends the program with a sentence if it cannot be spoken."""
    where = f"{script['title']}: in the turn '{line.get('text', line)}'"
    unknown = sorted(set(line) - set(DEFAULTS) - {"role", "text"})
    if unknown:
        sys.exit(f"{where}: unknown: {', '.join(unknown)}; known are role, text, {', '.join(DEFAULTS)}.")
    if line.get("role") not in ROLES:
        sys.exit(f"{where}: the role is to be one of {', '.join(ROLES)}.")
    if not line.get("text", "").strip() or not line["text"].isascii():
        sys.exit(f"{where}: the text is to be there, and in ASCII, which is all the voices can read.")
    wrong = sorted(set(re.findall(r"\{(\w*)\}", line["text"])) - set(MARKS))
    if wrong:
        sys.exit(f"{where}: unknown mark: {', '.join(wrong)}; known are {', '.join(MARKS)}.")
    return {**DEFAULTS, **line}


def line_noise(count, seed):
    """White noise through one pole at about 1 kHz. Sums and products only: the same on every machine."""
    source, noise, last = random.Random(seed), [], 0.0
    # The sum of two uniform numbers has the variance 1/6; the pole makes it 1/6 / (1 - 0.5 * 0.5) = 2/9.
    gain = 10 ** (NOISE_DB / 20) / math.sqrt(2 / 9)
    for _ in range(count):
        last = 0.5 * last + (source.random() + source.random() - 1.0)
        noise.append(last * gain)
    return noise


def describe(script, clips, marks, count):
    turns = [{"role": role, "start": first / voice.RATE, "end": (first + len(samples)) / voice.RATE,
              "upset": turn["upset"], "text": re.sub(r"\{\w+\}\s*", "", turn["text"])}
             for role, first, samples, turn in clips]
    parties = [{"role": role, "name": script["parties"][role]["name"], "aor": script["parties"][role]["aor"],
                "file": role + ".wav", "voice": script["parties"][role]["voice"]} for role in ROLES]
    return {"title": script["title"], "team": script["team"], "language": "en-US",
            "codec": "PCMU", "sample_rate": voice.RATE, "duration": count / voice.RATE,
            **{name: marks.get(name) for name in MARKS},
            "licence": "MIT", "voices": script["voices"], "parties": parties, "turns": turns}


def main(path, folder):
    with open(path, encoding="utf-8") as file:
        script = json.load(file)
    clips, marks = place(script)
    count = max(first + len(samples) for _, first, samples, _ in clips) + round(TAIL * voice.RATE)
    os.makedirs(folder, exist_ok=True)
    for index, role in enumerate(ROLES):
        track = line_noise(count, script["seed"] * 2 + index)
        for speaker, first, samples, _ in clips:
            if speaker == role:
                for offset, value in enumerate(samples, first):
                    track[offset] += value
        with open(os.path.join(folder, role + ".wav"), "wb") as file:
            file.write(g711.wav(track, voice.RATE))
    with open(os.path.join(folder, "call.json"), "w", encoding="utf-8", newline="\n") as file:
        text = json.dumps(describe(script, clips, marks, count), indent=2)
        file.write(text + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: build.py SCRIPT.json FOLDER")
    main(sys.argv[1], sys.argv[2])
