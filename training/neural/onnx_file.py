"""A small reader and writer of ONNX's protobuf: what the recipe needs, and no package for it is in Debian's torch set."""
import struct
import numpy as np

def varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)

def field(number, kind, body):
    return varint(number << 3 | kind) + body

def message(number, body):
    return field(number, 2, varint(len(body)) + body)

def text(number, value):
    return message(number, value.encode())

def integer(number, value):
    return field(number, 0, varint(value))

def fields(data):
    at, end = 0, len(data)
    def take():
        nonlocal at
        shift = value = 0
        while True:
            octet = data[at]; at += 1
            value |= (octet & 127) << shift
            shift += 7
            if octet < 128: return value
    while at < end:
        key = take()
        kind = key & 7
        if kind == 0: yield key >> 3, take()
        elif kind == 2:
            size = take()
            yield key >> 3, data[at:at + size]; at += size
        elif kind == 5: yield key >> 3, data[at:at + 4]; at += 4
        elif kind == 1: yield key >> 3, data[at:at + 8]; at += 8
        else: raise ValueError(f"wire type {kind}")

KINDS = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
CODES = {np.dtype(v): k for k, v in KINDS.items()}

def read_initializers(data):
    graph = next(body for number, body in fields(memoryview(data)) if number == 7)
    nodes, tensors = [], {}
    for number, body in fields(graph):
        if number == 5:
            dims, code, name, raw, ints, floats = [], 0, '', None, None, None
            for n, b in fields(body):
                if n == 1: dims.append(b) if isinstance(b, int) else dims.extend(_packed(b))
                elif n == 2: code = b
                elif n == 8: name = bytes(b).decode()
                elif n == 9: raw = bytes(b)
                elif n == 4: floats = bytes(b)
            if raw is None: raw = floats or b''
            if code in KINDS: tensors[name] = np.frombuffer(raw, KINDS[code]).reshape(dims)
        elif number == 1:
            op, ins, outs = '', [], []
            for n, b in fields(body):
                if n == 1: ins.append(bytes(b).decode())
                elif n == 2: outs.append(bytes(b).decode())
                elif n == 4: op = bytes(b).decode()
            nodes.append((op, ins, outs))
    return tensors, nodes

def _packed(b):
    at, out = 0, []
    while at < len(b):
        shift = value = 0
        while True:
            o = b[at]; at += 1
            value |= (o & 127) << shift; shift += 7
            if o < 128: break
        out.append(value)
    return out

class Graph:
    def __init__(self): self.nodes, self.tensors, self.inputs, self.outputs, self.count = [], [], [], [], 0
    def tensor(self, name, array):
        array = np.ascontiguousarray(array)
        body = b''.join(integer(1, d) for d in array.shape) + integer(2, CODES[array.dtype]) + text(8, name) + message(9, array.tobytes())
        self.tensors.append(body); return name
    def constant(self, array, name=None):
        if name is None: self.count += 1; name = f'c{self.count}'
        return self.tensor(name, np.asarray(array))
    def node(self, op, inputs, outputs=1, out=None, **attributes):
        names = []
        if out: names = [out] if isinstance(out, str) else out
        else:
            for _ in range(outputs): self.count += 1; names.append(f't{self.count}')
        body = b''.join(text(1, i) for i in inputs) + b''.join(text(2, o) for o in names) + text(4, op)
        for key, value in attributes.items():
            a = text(1, key)
            if isinstance(value, float): a += field(2, 5, struct.pack('<f', value)) + integer(20, 1)
            elif isinstance(value, int): a += integer(3, value) + integer(20, 2)
            elif isinstance(value, list): a += b''.join(integer(8, v) for v in value) + integer(20, 7)
            body += message(5, a)
        self.nodes.append(body)
        return names[0] if len(names) == 1 else names
    @staticmethod
    def value(name, code, dims):
        shape = b''.join(message(1, integer(1, d) if isinstance(d, int) else text(2, d)) for d in dims)
        return text(1, name) + message(2, message(1, integer(1, code) + message(2, shape)))
    def input(self, name, code, dims): self.inputs.append(self.value(name, code, dims)); return name
    def output(self, name, dims, code=1): self.outputs.append(self.value(name, code, dims))
    def bytes(self, name, opset=17):
        graph = b''.join(message(1, n) for n in self.nodes) + text(2, name) + b''.join(message(5, t) for t in self.tensors) \
            + b''.join(message(11, i) for i in self.inputs) + b''.join(message(12, o) for o in self.outputs)
        return integer(1, 8) + text(2, 'edgeassist') + message(7, graph) + message(8, text(1, '') + integer(2, opset))
