using System.Buffers;
using System.Collections.Concurrent;

namespace EdgeAssist.Contracts;

/// <summary>
/// The memory of one pipe: blocks it gave back are used again. The shared pool keeps a few blocks a core, which is nothing
/// against eight hundred pipes that are emptied in turn; with it every few packets one more block became garbage.
/// </summary>
internal sealed class PipeMemory : MemoryPool<byte>
{
    /// <summary>Room for six packets of 20 ms with their heads.</summary>
    public const int BlockLength = 4_096;

    /// <summary>Blocks kept for later; what a full pipe needed beyond them is given up when it has been read.</summary>
    private const int MaxKept = 4;

    private readonly ConcurrentQueue<Block> _free = new();

    public override int MaxBufferSize => 64 * 1024;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, MaxBufferSize);
        if (minBufferSize > BlockLength) return new Block(null, minBufferSize);
        return _free.TryDequeue(out var block) ? block : new Block(this, BlockLength);
    }

    protected override void Dispose(bool disposing) => _free.Clear();

    /// <summary>A block and its owner in one.</summary>
    /// <param name="home">Where it goes back to; null: nowhere.</param>
    /// <param name="length">In octets.</param>
    private sealed class Block(PipeMemory? home, int length) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = new byte[length];

        public void Dispose()
        {
            if (home is not null && home._free.Count < MaxKept) home._free.Enqueue(this);
        }
    }
}
