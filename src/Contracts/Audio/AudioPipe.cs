using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace EdgeAssist.Contracts;

/// <summary>
/// The fork of one leg: decoded audio on its way from the receive loop to analysis, in a bounded <see cref="Pipe"/>. The
/// writer never waits. When the reader is behind by more than the bound, the oldest audio is dropped and counted, so that
/// what the reader finds is never older than <see cref="MaxAge"/>; the positions in the frames show the gap.
/// One writer and one reader.
/// </summary>
public sealed class AudioPipe
{
    /// <summary>The longest stretch a frame may hold: 200 ms, the largest ptime seen on trunks.</summary>
    public const int MaxFrameSamples = 200 * PcmFormat.SamplesPerMillisecond;

    /// <summary>How far the reader may fall behind when nothing else is asked for.</summary>
    public static readonly TimeSpan DefaultMaxAge = TimeSpan.FromSeconds(2);

    private const int HeaderLength = 8 + 4 + 1 + 8 + 8;

    // The receive loop and the analysis reader meet here. The lock is held for the copy of one frame (a few hundred
    // samples) and replaces nothing dearer: Pipe takes its own for every operation. It makes «drop the oldest» possible,
    // which a bare Pipe cannot do while its reader holds a ReadResult.
    private readonly Lock _gate = new();
    private readonly Pipe _pipe;
    private readonly Channel<bool> _signal;
    private readonly long _maxSamples;
    private long _buffered;
    private long _droppedSamples;
    private bool _completed;
    private volatile bool _isWithheld;
    private volatile IAudioTap? _tap;

    /// <param name="maxAge">The most audio the pipe holds, 200 ms (one frame of the largest size) to 60 s; two seconds when not given.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxAge"/> is outside its range.</exception>
    public AudioPipe(TimeSpan? maxAge = null)
    {
        MaxAge = maxAge ?? DefaultMaxAge;
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAge, PcmFormat.Duration(MaxFrameSamples), nameof(maxAge));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAge, TimeSpan.FromSeconds(60), nameof(maxAge));

        _maxSamples = PcmFormat.Samples(MaxAge);
        _pipe = new Pipe(new PipeOptions(new PipeMemory(), PipeScheduler.Inline, PipeScheduler.Inline,
            pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: PipeMemory.BlockLength, useSynchronizationContext: false));
        _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
        {
            FullMode = BoundedChannelFullMode.DropWrite,
            SingleReader = true,
        });
    }

    /// <summary>The bound on the audio held.</summary>
    public TimeSpan MaxAge { get; }

    /// <summary>
    /// While set, what is written is dropped and silence goes in its place, so that the timeline goes on and not one sample
    /// reaches the reader. Set from any thread; audio written before it stays.
    /// </summary>
    public bool IsWithheld
    {
        get => _isWithheld;
        set
        {
            // Under the lock: when this returns, no writer is in the middle of a frame that began before.
            lock (_gate) _isWithheld = value;
        }
    }

    /// <summary>
    /// Hears everything that is written, withheld stretches left out, on the writer's thread: for a supervisor who listens. Null for
    /// nobody. Set from any thread; a frame on its way may still reach the one before.
    /// </summary>
    public IAudioTap? Tap
    {
        get => _tap;
        set => _tap = value;
    }

    /// <summary>The audio waiting for the reader.</summary>
    public TimeSpan Buffered => PcmFormat.Duration(Interlocked.Read(ref _buffered));

    /// <summary>Samples dropped so far because the reader was behind.</summary>
    public long DroppedSamples => Interlocked.Read(ref _droppedSamples);

    /// <summary>
    /// Puts one stretch of audio in. Never waits and allocates nothing once the pipe is warm. After
    /// <see cref="Complete"/> it does nothing.
    /// </summary>
    /// <returns>The samples of older audio dropped to make room, usually 0.</returns>
    /// <exception cref="ArgumentException">The frame's count is not the length of <paramref name="samples"/>, or out of range.</exception>
    public long Write(in PcmFrame frame, ReadOnlySpan<short> samples)
    {
        if (frame.SampleCount != samples.Length || samples.IsEmpty || samples.Length > MaxFrameSamples)
            throw new ArgumentException($"A frame of {frame.SampleCount} samples came with {samples.Length}; 1 to {MaxFrameSamples} fit.", nameof(samples));

        long dropped = 0;
        bool wasEmpty, isHeard;
        lock (_gate)
        {
            if (_completed) return 0;

            isHeard = !_isWithheld;
            while (_buffered + samples.Length > _maxSamples && TryTake([], out var oldest)) dropped += oldest.SampleCount;
            _droppedSamples += dropped;

            wasEmpty = _buffered == 0;
            var writer = _pipe.Writer;
            var span = writer.GetSpan(HeaderLength + 2 * samples.Length);
            WriteHeader(span, _isWithheld ? frame with { Kind = PcmFrameKind.Silence } : frame);
            if (_isWithheld) span.Slice(HeaderLength, 2 * samples.Length).Clear();
            else MemoryMarshal.AsBytes(samples).CopyTo(span[HeaderLength..]);
            writer.Advance(HeaderLength + 2 * samples.Length);
            var flush = writer.FlushAsync();
            Debug.Assert(flush.IsCompletedSuccessfully, "The pause threshold is off, the bound is ours: a flush never waits.");
            flush.GetAwaiter().GetResult();
            _buffered += samples.Length;
        }

        if (wasEmpty) _signal.Writer.TryWrite(true);   // a reader waits only where it found nothing
        if (isHeard) _tap?.OnFrame(frame, samples);
        return dropped;
    }

    /// <summary>Says that no audio follows; what is held stays readable.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (_completed) return;
            _completed = true;
            _pipe.Writer.Complete();
        }

        _signal.Writer.TryComplete();
    }

    /// <summary>Waits for audio. False when the pipe is completed and empty.</summary>
    public async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Interlocked.Read(ref _buffered) > 0) return true;
            if (!await _signal.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return Interlocked.Read(ref _buffered) > 0;
            _signal.Reader.TryRead(out _);
        }
    }

    /// <summary>Takes the oldest frame.</summary>
    /// <param name="destination">Receives the samples; at least <see cref="MaxFrameSamples"/> long.</param>
    /// <param name="frame">The frame's head.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryRead(Span<short> destination, out PcmFrame frame)
    {
        if (destination.Length < MaxFrameSamples)
            throw new ArgumentException($"Room for {MaxFrameSamples} samples is needed.", nameof(destination));

        lock (_gate) return TryTake(destination, out frame);
    }

    private bool TryTake(Span<short> destination, out PcmFrame frame)
    {
        frame = default;
        if (_buffered == 0 || !_pipe.Reader.TryRead(out var result)) return false;

        Span<byte> header = stackalloc byte[HeaderLength];
        result.Buffer.Slice(0, HeaderLength).CopyTo(header);
        frame = ReadHeader(header);

        var body = result.Buffer.Slice(HeaderLength, 2L * frame.SampleCount);
        if (!destination.IsEmpty) body.CopyTo(MemoryMarshal.AsBytes(destination));
        _pipe.Reader.AdvanceTo(body.End);
        _buffered -= frame.SampleCount;
        return true;
    }

    private static void WriteHeader(Span<byte> span, in PcmFrame frame)
    {
        BinaryPrimitives.WriteInt64LittleEndian(span, frame.Position);
        BinaryPrimitives.WriteInt32LittleEndian(span[8..], frame.SampleCount);
        span[12] = (byte)frame.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(span[13..], frame.ArrivedAt.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(span[21..], frame.ForkedAt.Ticks);
    }

    private static PcmFrame ReadHeader(ReadOnlySpan<byte> span) => new(
        BinaryPrimitives.ReadInt64LittleEndian(span),
        BinaryPrimitives.ReadInt32LittleEndian(span[8..]),
        (PcmFrameKind)span[12],
        new Instant(BinaryPrimitives.ReadInt64LittleEndian(span[13..])),
        new Instant(BinaryPrimitives.ReadInt64LittleEndian(span[21..])));
}
