"""A ggml file of Whisper tiny.en's size with random weights, to measure what it costs: /usr/bin/python3 tiny.py OUT.bin"""
import sys

import torch

import model

torch.manual_seed(1)
model.STATE, model.HEADS, model.LAYERS = 384, 6, 4
model.write(model.Micro(len(model.SPECIAL)), [], sys.argv[1])
