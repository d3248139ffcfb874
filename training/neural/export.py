"""The labels as sums of heads, calibrated on the held-out rows, and everything as one graph with 8-bit weights."""
import hashlib
import pathlib
import sys

import numpy as np
import torch

import minilm
from tune import DISSATISFIED, EMOTION, HEADS, LAYERS, POLARITY, PROBLEM, SERVICE

# Chosen on the dev splits of airline and complaints tweets; see the model card.
NEGATIVE = {POLARITY: 1, EMOTION: 1.2, DISSATISFIED: .3, PROBLEM: .2, 0: .3}
UPSET = {POLARITY: 1, EMOTION: .3, PROBLEM: 1}           # a complaint is upset about a problem…
ADDRESSED, ADDRESSED_BIAS = .8, 4                        # …and said to a company
CALM_COMPLAINT = .1
OPERATING_POINT = np.log(.6 / .4)

def column(weights):
    return np.array([weights.get(i, 0) for i in range(HEADS)], np.float32)

def sums():
    linear, both = np.zeros((HEADS, 6), np.float32), np.zeros((HEADS, 2), np.float32)
    linear[:, 0], linear[2, 2] = column(NEGATIVE), CALM_COMPLAINT
    for label in (1, 3, 4, 5): linear[label, label] = 1
    both[:, 0], both[SERVICE, 1] = column(UPSET), 1
    return linear, both

def mix(heads):
    linear, both = sums()
    soft = -np.log1p(np.exp(-(heads @ both + np.array([0, ADDRESSED_BIAS], np.float32))))
    mixed = heads @ linear
    mixed[:, 2] += soft[:, 0] + ADDRESSED * soft[:, 1]
    return mixed

def platt(x, y):
    """Slope and offset of the log-odds, with smoothed targets (Platt 1999)."""
    a, b, positives = 1., 0., y.sum()
    target = np.where(y, (positives + 1) / (positives + 2), 1 / (len(y) - positives + 2))
    for _ in range(100):
        q = 1 / (1 + np.exp(-(a * x + b)))
        w, e = np.maximum(q * (1 - q), 1e-9), q - target
        step = np.linalg.solve(np.array([[(w * x * x).sum() + 1e-6, (w * x).sum()], [(w * x).sum(), w.sum() + 1e-6]]), [(e * x).sum(), e.sum()])
        a, b = a - np.clip(step[0], -1, 1), b - np.clip(step[1], -2, 2)
    return a, b

def calibrate(work):
    stored = np.load(work / 'heads.npz')
    mixed, part, source, labels = mix(stored['heads']), stored['part'], stored['source'], stored['labels']
    bank, talk = source == 'banking77', source == 'primock57'
    scale, shift = [], []
    for label in range(6):
        known = (part == 'held') & ~np.isnan(labels[:, label])
        a, b = platt(mixed[known, label], labels[known, label] > .5)
        # At 0.60 no more than 1.8 % of calm questions and 3 % of calm turns may alarm.
        if label in (0, 2): b = min(b, OPERATING_POINT - a * max(np.quantile(mixed[bank, label], .982), np.quantile(mixed[talk, label], .97)))
        print(f'label {label}: slope {a:.3f}, offset {b:.3f}')
        scale.append(a)
        shift.append(b)
    return np.array(scale, np.float32), np.array(shift, np.float32)

def graph(work, scale, shift):
    weights, tuned = minilm.load(work / 'minilm.onnx'), torch.load(work / 'tuned.pt')
    for j, i in enumerate(LAYERS):
        begin = f'encoder.layer.{i}.'
        for key in [key for key in weights if key.startswith(begin)]:
            weights[key] = tuned[f'layers.{j}.p.' + key[len(begin):].replace('.', '_')].numpy()
    bert = minilm.Bert(weights)
    g = bert.g
    g.input('input_ids', 7, [1, 'n'])
    x, pooled = bert.embed('input_ids'), []
    for i in range(6):
        x = bert.layer(x, i)
        if i >= LAYERS[0] - 1: pooled.append(g.node('ReduceMean', [x], axes=[1], keepdims=0))
    f = g.node('Mul', [g.node('Concat', pooled, axis=1), g.constant(np.float32(3))])

    def dense(x, name):
        return g.node('Add', [g.node('MatMul', [x, g.constant(tuned[name + '.weight'].numpy().T.astype(np.float32))]), g.constant(tuned[name + '.bias'].numpy().astype(np.float32))])

    h = dense(f, 'a')
    e = g.node('Erf', [g.node('Mul', [h, g.constant(np.float32(2 ** -.5))])])
    h = g.node('Mul', [g.node('Mul', [h, g.node('Add', [e, g.constant(np.float32(1))])]), g.constant(np.float32(.5))])
    heads = g.node('Add', [dense(f, 'l'), dense(h, 'b')])
    linear, both = sums()
    upset = g.node('Add', [g.node('MatMul', [heads, g.constant(both)]), g.constant(np.array([0, ADDRESSED_BIAS], np.float32))])
    soft = np.zeros((2, 6), np.float32)
    soft[0, 2], soft[1, 2] = -1, -ADDRESSED
    mixed = g.node('Add', [g.node('MatMul', [heads, g.constant(linear)]), g.node('MatMul', [g.node('Softplus', [g.node('Neg', [upset])]), g.constant(soft)])])
    # ONNX Runtime's Sigmoid is cut at -18: this one keeps order among the calmest too.
    odds = g.node('Exp', [g.node('Neg', [g.node('Add', [g.node('Mul', [mixed, g.constant(scale)]), g.constant(shift)])])])
    g.node('Reciprocal', [g.node('Add', [odds, g.constant(np.float32(1))])], out='scores')
    g.output('scores', [1, 6])
    return g.bytes('text-escalation')

if __name__ == '__main__':
    work, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    for name, content in (('model.onnx', graph(work, *calibrate(work))), ('vocab.txt', (work / 'vocab.txt').read_bytes())):
        (target / name).write_bytes(content)
        print(f'{name}: {len(content)} octets, SHA-256 {hashlib.sha256(content).hexdigest()}')
