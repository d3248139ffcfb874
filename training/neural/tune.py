"""Tunes the upper layers of the encoder and learns the heads, from the states behind the lower ones: one pass."""
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import minilm

LAYERS = tuple(range(minilm.LOWER, 6))
ROWS = 44_000
BATCH = 64
# The first six are the model's labels; «negative» means something else in every set, so each set has a head of its own.
EMOTION, POLARITY, DISSATISFIED, GRIEVANCE, SERVICE, PROBLEM, PLEASED, HEADS = 6, 7, 8, 9, 10, 11, 12, 13

def truths(source, labels):
    """What a row should give at each head; NaN where its set does not say."""
    t = np.full((len(source), HEADS), np.nan, np.float32)
    t[:, SERVICE] = ~np.isin(source, ['goemotions', 'tweet-sentiment', 'primock57'])
    t[:, PROBLEM], t[:, PLEASED] = labels[:, 6], labels[:, 7]
    for name in set(source):
        k = source == name
        if name == 'goemotions':
            t[k, :6] = labels[k, :6]
            t[k, EMOTION] = labels[k, 0]
            t[k, 0] = t[k, 2] = np.nan
        elif name == 'tweet-sentiment': t[k, POLARITY] = labels[k, 0]
        elif name == 'authored':
            t[k, :6] = labels[k, :6]
            t[k, DISSATISFIED], t[k, GRIEVANCE] = labels[k, 0], labels[k, 2]
        elif name in ('banking77', 'primock57', 'bitext'): t[k, :6] = labels[k, :6]
    return t

class Rows:
    """The chosen rows and their states, which stay on disk."""
    def __init__(self, work):
        self.raw = np.memmap(work / 'states.bin', np.uint8, 'r')
        self.places, at = [], 0
        while at < len(self.raw):
            n = int(self.raw[at]) | int(self.raw[at + 1]) << 8
            self.places.append((at, n))
            at += 2 + 768 * n
        with open(work / 'chosen.tsv') as file: meta = [line.rstrip('\n').split('\t') for line in file]
        assert len(meta) == len(self.places), f'{len(meta)} rows, {len(self.places)} states'
        self.part, self.source = np.array([m[0] for m in meta]), np.array([m[1] for m in meta])
        self.labels = np.array([[np.nan if v == '?' else float(v) for v in m[3].split()] for m in meta], np.float32)

    def batch(self, rows):
        most = max(self.places[i][1] for i in rows)
        x, mask = np.zeros((len(rows), most, 384), np.float32), np.zeros((len(rows), most), bool)
        for r, i in enumerate(rows):
            at, n = self.places[i]
            x[r, :n] = np.frombuffer(self.raw[at + 2:at + 2 + 768 * n].tobytes(), np.float16).reshape(n, 384)
            mask[r, :n] = 1
        return torch.from_numpy(x), torch.from_numpy(mask)

class Layer(torch.nn.Module):
    def __init__(self, weights, i):
        super().__init__()
        self.p, begin = torch.nn.ParameterDict(), f'encoder.layer.{i}.'
        for key, value in weights.items():
            if key.startswith(begin): self.p[key[len(begin):].replace('.', '_')] = torch.nn.Parameter(torch.tensor(np.array(value)))

    def linear(self, x, name): return x @ self.p[name + '_weight'] + self.p[name + '_bias']

    def norm(self, x, name): return F.layer_norm(x, (384,), self.p[name + '_weight'], self.p[name + '_bias'], 1e-12)

    def forward(self, x, mask):
        b, n, _ = x.shape
        q, k, v = [self.linear(x, 'attention_self_' + name).view(b, n, 12, 32).transpose(1, 2) for name in ('query', 'key', 'value')]
        a = (q @ k.transpose(2, 3) * 32 ** -.5).masked_fill(~mask[:, None, None, :], -1e4).softmax(-1)
        c = F.dropout((a @ v).transpose(1, 2).reshape(b, n, 384), .1, self.training)
        x = self.norm(self.linear(c, 'attention_output_dense') + x, 'attention_output_LayerNorm')
        y = F.dropout(F.gelu(self.linear(x, 'intermediate_dense')), .1, self.training)
        return self.norm(self.linear(y, 'output_dense') + x, 'output_LayerNorm')

class Model(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.layers = torch.nn.ModuleList([Layer(weights, i) for i in LAYERS])
        width = 384 * (1 + len(LAYERS))
        self.l, self.a, self.b = torch.nn.Linear(width, HEADS), torch.nn.Linear(width, 192), torch.nn.Linear(192, HEADS)
        torch.nn.init.zeros_(self.b.weight)

    def forward(self, x, mask):
        k = mask[..., None].float()
        n = k.sum(1)
        pooled = [(x * k).sum(1) / n]
        for layer in self.layers:
            x = layer(x, mask)
            pooled.append((x * k).sum(1) / n)
        f = F.dropout(torch.cat(pooled, 1) * 3, .1, self.training)
        return self.l(f) + self.b(F.dropout(F.gelu(self.a(f)), .3, self.training))

def batches(rows, lengths, rng):
    """Rows of like length together, in a drawn order."""
    order, found = rng.permutation(len(rows)), []
    for i in range(0, len(order), BATCH * 40):
        some = order[i:i + BATCH * 40]
        some = some[np.argsort(lengths[some], kind='stable')]
        part = [rows[some[j:j + BATCH]] for j in range(0, len(some) - BATCH + 1, BATCH)]
        rng.shuffle(part)
        found += part
    return found

def main(work):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rows, rng = Rows(work), np.random.default_rng(1)
    target = torch.tensor(truths(rows.source, rows.labels))
    known, target = ~torch.isnan(target), torch.nan_to_num(target)
    weight = torch.tensor([2.0 if name == 'tweet-sentiment' else 1.0 for name in rows.source])
    train = np.where(rows.part == 'train')[0][:ROWS]
    net = Model(minilm.load(work / 'minilm.onnx'))
    slow, fast = net.layers.parameters(), [p for name, p in net.named_parameters() if not name.startswith('layers')]
    optimizer = torch.optim.AdamW([{'params': slow, 'lr': 1.5e-4}, {'params': fast, 'lr': 1.5e-3}], weight_decay=.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [1.5e-4, 1.5e-3], total_steps=len(train) // BATCH + 1, pct_start=.15)
    plan = batches(train, np.array([rows.places[i][1] for i in train]), rng)
    net.train()
    begun, sum_ = time.process_time(), 0.0
    for step, some in enumerate(plan, 1):
        loss = F.binary_cross_entropy_with_logits(net(*rows.batch(some)), target[some], reduction='none')
        loss = (loss * known[some] * weight[some][:, None]).sum() / known[some].sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.)
        optimizer.step()
        schedule.step()
        sum_ += loss.item()
        if step % 50 == 0:
            print(f'{step} of {len(plan)}: loss {sum_ / 50:.4f}, {time.process_time() - begun:.0f} s of processor time', flush=True)
            sum_ = 0.0
    torch.save(net.state_dict(), work / 'tuned.pt')
    net.eval()
    rest = np.where(rows.part != 'train')[0]
    rest = rest[np.argsort([rows.places[i][1] for i in rest], kind='stable')]
    with torch.no_grad(): heads = np.concatenate([net(*rows.batch(rest[i:i + 128])).numpy() for i in range(0, len(rest), 128)])
    np.savez(work / 'heads.npz', heads=heads, part=rows.part[rest], source=rows.source[rest], labels=rows.labels[rest, :6])

if __name__ == '__main__': main(pathlib.Path(sys.argv[1]))
