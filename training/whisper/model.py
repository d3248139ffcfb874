"""Whisper's architecture (Radford et al. 2022) at a hundredth of its size, and its ggml file."""
import math
import struct

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from audio import FILTERS

STATE, HEADS, LAYERS = 64, 2, 2
AUDIO_CTX, TEXT_CTX, MELS = 1500, 448, 80
VOCABULARY = 51864                      # of the English models: whisper.cpp knows the special tokens by their place
EOT, SOT, PREV, NOSPEECH, NOTIMES = 50256, 50257, 50360, 50361, 50362
SPECIAL = [EOT, SOT, PREV, NOSPEECH, NOTIMES]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key = nn.Linear(STATE, STATE), nn.Linear(STATE, STATE, bias=False)
        self.value, self.out = nn.Linear(STATE, STATE), nn.Linear(STATE, STATE)

    def forward(self, x, over, mask=None):
        def split(y):
            return y.view(y.shape[0], y.shape[1], HEADS, -1).transpose(1, 2)

        q, k, v = split(self.query(x)), split(self.key(over)), split(self.value(over))
        scores = q @ k.transpose(2, 3) / math.sqrt(STATE // HEADS)
        if mask is not None:
            scores = scores + mask
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self, cross):
        super().__init__()
        self.attn, self.attn_ln = Attention(), nn.LayerNorm(STATE)
        if cross:
            self.cross_attn, self.cross_attn_ln = Attention(), nn.LayerNorm(STATE)
        self.mlp = nn.Sequential(nn.Linear(STATE, 4 * STATE), nn.GELU(approximate="tanh"), nn.Linear(4 * STATE, STATE))
        self.mlp_ln = nn.LayerNorm(STATE)

    def forward(self, x, audio=None, mask=None):
        y = self.attn_ln(x)
        x = x + self.attn(y, y, mask)
        if audio is not None:
            x = x + self.cross_attn(self.cross_attn_ln(x), audio)
        return x + self.mlp(self.mlp_ln(x))


def sinusoids():
    scale = np.exp(-np.log(10000) / (STATE // 2 - 1) * np.arange(STATE // 2))
    angles = np.arange(AUDIO_CTX)[:, None] * scale[None, :]
    return torch.tensor(np.concatenate([np.sin(angles), np.cos(angles)], axis=1), dtype=torch.float32)


class Micro(nn.Module):
    """Tokens here are places in the list of words and special tokens; the file puts them where whisper.cpp looks for them."""

    def __init__(self, tokens):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(MELS, STATE, 3, padding=1), nn.Conv1d(STATE, STATE, 3, stride=2, padding=1)
        self.register_buffer("positions", sinusoids())
        self.encoder = nn.ModuleList(Block(cross=False) for _ in range(LAYERS))
        self.ln_post = nn.LayerNorm(STATE)
        self.tokens = nn.Parameter(torch.randn(tokens, STATE) * 0.05)
        self.places = nn.Parameter(torch.randn(TEXT_CTX, STATE) * 0.01)
        self.decoder = nn.ModuleList(Block(cross=True) for _ in range(LAYERS))
        self.ln = nn.LayerNorm(STATE)
        self.others = math.log(VOCABULARY - tokens)   # tokens that are never said have the logit 0

    def encode(self, mel):
        x = F.gelu(self.conv1(mel), approximate="tanh")
        x = F.gelu(self.conv2(x), approximate="tanh").transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        for block in self.encoder:
            x = block(x)
        return self.ln_post(x)

    def decode(self, tokens, audio):
        n = tokens.shape[1]
        x = self.tokens[tokens] + self.places[:n]
        mask = torch.full((n, n), -1e9).triu(1)
        for block in self.decoder:
            x = block(x, audio, mask)
        return self.ln(x) @ self.tokens.T

    def loss(self, logits, targets):
        """Cross-entropy over the whole vocabulary; -100 is not asked for."""
        rest = torch.full(logits.shape[:2] + (1,), self.others)
        return F.cross_entropy(torch.cat([logits, rest], 2).flatten(0, 1), targets.flatten(), ignore_index=-100)


def write(model, words, path):
    """The form of whisper.cpp's models/convert-pt-to-ggml.py, 16 bits."""
    listed = [" " + word for word in words] + [" "]
    table = np.zeros((VOCABULARY, STATE), dtype=np.float32)
    table[: len(words)] = model.tokens[: len(words)].detach().numpy()
    table[SPECIAL] = model.tokens[len(words):].detach().numpy()
    tensors = {"decoder.token_embedding.weight": table, "decoder.positional_embedding": model.places, "encoder.positional_embedding": model.positions,
               "encoder.ln_post.weight": model.ln_post.weight, "encoder.ln_post.bias": model.ln_post.bias, "decoder.ln.weight": model.ln.weight, "decoder.ln.bias": model.ln.bias}
    for name in ("conv1", "conv2"):
        tensors[f"encoder.{name}.weight"] = getattr(model, name).weight
        tensors[f"encoder.{name}.bias"] = getattr(model, name).bias.detach().numpy()[:, None]
    for side in ("encoder", "decoder"):
        for name, tensor in getattr(model, side).state_dict().items():
            layer, rest = name.split(".", 1)
            tensors[f"{side}.blocks.{layer}.{rest}"] = tensor

    with open(path, "wb") as file:
        file.write(struct.pack("<12i", 0x67676D6C, VOCABULARY, AUDIO_CTX, STATE, HEADS, LAYERS, TEXT_CTX, STATE, HEADS, LAYERS, MELS, 1))
        file.write(struct.pack("<2i", *FILTERS.shape) + FILTERS.astype("<f4").tobytes())
        file.write(struct.pack("<i", len(listed)))
        for word in listed:
            file.write(struct.pack("<i", len(word.encode())) + word.encode())
        for name, tensor in tensors.items():
            values = tensor if isinstance(tensor, np.ndarray) else tensor.detach().numpy()
            half = values.ndim > 1 and not name.endswith("positional_embedding") and not name.endswith("bias")
            file.write(struct.pack("<3i", values.ndim, len(name.encode()), int(half)))
            file.write(struct.pack(f"<{values.ndim}i", *reversed(values.shape)) + name.encode())
            file.write(values.astype("<f2" if half else "<f4").tobytes())
