"""Trains the micro Whisper on synthetic speech and writes it as a ggml file: /usr/bin/python3 train.py OUT [STEPS]."""
import gzip
import hashlib
import random
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import audio
import model as micro
import phrases

SEED, CLIPS, NOISES, BATCH = 7, 1700, 90, 20
torch.set_num_threads(1)


def sentences(count, dice, kept):
    """Sentences that are (kept) or are not held out."""
    found = []
    while len(found) < count:
        text = phrases.sentence(dice)
        if phrases.held_out(text) == kept:
            found.append(text)
    return found


def clips(count, dice, rng, kept):
    made = [(audio.speak(text, dice), text) for text in sentences(count, dice, kept)]
    return [clip for clip in made if 0.2 < len(clip[0]) / audio.RATE < 6.5]


def heard(samples, rng, plain=False):
    """What the model gets of a clip: quiet around it, noise in it, mostly a telephone line."""
    before, after = (1600, 1600) if plain else (int(rng.integers(0, 4000)), int(rng.integers(0, 4000)))
    whole = np.concatenate([np.zeros(before, np.float32), samples * rng.uniform(0.3, 1.0), np.zeros(after, np.float32)])
    whole += rng.standard_normal(len(whole)).astype(np.float32) * 10 ** rng.uniform(-5, -2.2)
    return audio.telephone(whole) if rng.random() < 0.7 or plain else whole


class Sounds:
    """Each clip as heard in a few ways, made when first asked for: features cost more than they are worth at every step."""

    def __init__(self, ways, rng):
        self.ways, self.rng, self.made = ways, rng, {}

    def mel(self, index, samples):
        key = (index, int(self.rng.integers(self.ways)))
        if key not in self.made:
            sound = heard(samples, self.rng)
            self.made[key] = audio.log_mel(sound, len(sound) // 160).astype(np.float16)
        return self.made[key].astype(np.float32)


def batch(items, sounds, tokens, rng):
    """Mel [n, 80, frames], tokens in and wanted; three clips in ten come with a list of words before them, as an initial prompt."""
    mels = [sounds.mel(index, samples) for index, (samples, _) in items]
    frames = max(mel.shape[1] for mel in mels) + int(rng.integers(10, 80))
    frames = max(frames, 256 if rng.random() < 0.2 else 0) // 2 * 2
    mel = np.stack([np.pad(mel, ((0, 0), (0, frames - mel.shape[1])), constant_values=mel.max() - 2) for mel in mels])
    items = [item for _, item in items]
    rows = []
    for _, text in items:
        said = [tokens[word] for word in text.split()] if text is not None else []
        prompt = []
        if rng.random() < 0.3:
            prompt = ["prev"] + [tokens[str(word)] for word in rng.permutation(sorted(set((text or "").split()) | set(rng.choice(phrases.words(), 6))))[: 8]]
            prompt = [tokens.get(word, word) for word in prompt]
        ids = prompt + [tokens["sot"], tokens["notimes"]] + said + [tokens["eot"]]
        rows.append((ids, len(prompt), text is None))
    length = max(len(ids) for ids, _, _ in rows) - 1
    given, wanted = np.full((len(rows), length), tokens["eot"]), np.full((len(rows), length), -100)
    for i, (ids, skip, empty) in enumerate(rows):
        given[i, : len(ids) - 1] = ids[:-1]
        wanted[i, skip: len(ids) - 1] = ids[skip + 1:]
        if empty:
            wanted[i, skip] = tokens["nospeech"]
    return torch.tensor(mel), torch.tensor(given), torch.tensor(wanted)


def transcribe(net, samples, tokens, names):
    frames = (len(samples) // 160 + 64) // 2 * 2
    with torch.no_grad():
        encoded = net.encode(torch.tensor(audio.log_mel(samples, frames))[None])
        ids = [tokens["sot"], tokens["notimes"]]
        while len(ids) < 40:
            best = int(net.decode(torch.tensor([ids]), encoded)[0, -1, : len(names) + 1].argmax())
            if best == len(names):    # the end
                break
            ids.append(best)
    return " ".join(names[i] for i in ids[2:])


def errors(said, guess):
    row = list(range(len(guess) + 1))
    for i, a in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(guess, 1):
            diagonal, row[j] = row[j], min(diagonal + (a != b), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def main(out, steps):
    dice, rng = random.Random(SEED), np.random.default_rng(SEED)
    torch.manual_seed(SEED)
    names = phrases.words()
    tokens = {word: i for i, word in enumerate(names)}
    tokens |= {name: len(names) + i for i, name in enumerate(["eot", "sot", "prev", "nospeech", "notimes"])}
    begun = time.process_time()
    training, held = clips(CLIPS, dice, rng, kept=False), clips(120, dice, rng, kept=True)
    training += [(audio.noise(rng.uniform(0.5, 4), rng), None) for _ in range(NOISES)]
    training.sort(key=lambda clip: len(clip[0]))
    print(f"{len(training)} clips, {sum(len(s) for s, _ in training) / audio.RATE / 60:.0f} min, {len(names)} words, {time.process_time() - begun:.0f} s", flush=True)

    net = micro.Micro(len(tokens))
    heads = torch.nn.Linear(micro.STATE, len(names) + 1)     # CTC beside the decoder: it finds the alignment early; not in the file
    optimizer = torch.optim.AdamW(list(net.parameters()) + list(heads.parameters()), lr=2e-3, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.1)
    sounds = Sounds(3, rng)
    for step in range(steps):
        # Short clips first: single words teach what words sound like, sentences where they lie.
        known = 0.25 + 0.75 * min(1.0, step / (0.5 * steps))
        start = int(rng.integers(0, int(known * (len(training) - 96)) + 1))
        chosen = [(start + int(i), training[start + int(i)]) for i in rng.choice(96, BATCH, replace=False)]
        mel, given, wanted = batch(chosen, sounds, tokens, rng)
        chosen = [clip for _, clip in chosen]
        encoded = net.encode(mel)
        loss = net.loss(net.decode(given, encoded), wanted)
        labels = [[tokens[w] + 1 for w in (text or "").split()] for _, text in chosen]
        steps_in = torch.full((BATCH,), encoded.shape[1], dtype=torch.long)
        aligned = F.ctc_loss(heads(encoded).log_softmax(2).transpose(0, 1), torch.tensor(sum(labels, []), dtype=torch.long), steps_in,
                             torch.tensor([len(row) for row in labels]), zero_infinity=True)
        optimizer.zero_grad()
        (loss + 0.3 * aligned).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 200 == 199:
            net.eval()
            wrong, count = 0, 0
            for samples, text in held[:30] if step < steps - 1 else held:
                guess = transcribe(net, heard(samples, np.random.default_rng(1), plain=True), tokens, names)
                wrong, count = wrong + errors(text.split(), guess.split()), count + len(text.split())
            net.train()
            print(f"step {step + 1}: loss {loss.item():.3f}, ctc {aligned.item():.3f}, held out {wrong / count:.1%} of {count} words wrong, {time.process_time() - begun:.0f} s", flush=True)
            micro.write(net, names, out)
    octets = open(out, "rb").read()
    with gzip.GzipFile(out + ".gz", "wb", 9, mtime=0) as file:
        file.write(octets)
    print(f"{out}: {len(octets)} octets, SHA-256 {hashlib.sha256(octets).hexdigest()}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 4000)
