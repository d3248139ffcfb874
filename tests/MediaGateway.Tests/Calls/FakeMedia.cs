using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>A media transport without sockets: counts and remembers.</summary>
internal sealed class FakeMediaTransport : IMediaTransport
{
    private int _port = 30_000;

    public ImmutableArray<string> Codecs { get; init; } = ["PCMU/8000", "PCMA/8000"];

    /// <summary>Streams it will still open.</summary>
    public int FreePorts { get; set; } = int.MaxValue;

    public ConcurrentQueue<FakeMediaLeg> Legs { get; } = new();

    public IMediaLeg? TryOpen(MediaLegPlan plan)
    {
        if (FreePorts-- <= 0) return null;
        var leg = new FakeMediaLeg(_port += 2, plan);
        Legs.Enqueue(leg);
        return leg;
    }
}

internal sealed class FakeMediaLeg(int port, MediaLegPlan plan) : IMediaLeg
{
    public int LocalPort => port;

    public AudioPipe Audio { get; } = new();

    public MediaLegPlan Plan { get; private set; } = plan;

    public int Updates { get; private set; }

    public bool IsDisposed { get; private set; }

    public MediaLegStatistics Statistics { get; set; } = new();

    public ChannelReader<KeyPress> KeyPresses => Channel.CreateBounded<KeyPress>(1).Reader;

    public void Update(MediaLegPlan plan)
    {
        Plan = plan;
        Updates++;
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        Audio.Complete();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Analysis that only takes notes.</summary>
internal sealed class FakeAudioSink : ICallAudioSink
{
    public ConcurrentQueue<FakeCallAudio> Calls { get; } = new();

    /// <summary>Close waits for this when set.</summary>
    public TaskCompletionSource? HoldClose { get; set; }

    public ICallAudio Open(CallInfo call)
    {
        var audio = new FakeCallAudio(call, this);
        Calls.Enqueue(audio);
        return audio;
    }
}

internal sealed class FakeCallAudio(CallInfo info, FakeAudioSink sink) : ICallAudio
{
    private readonly TaskCompletionSource<CallEndReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CallInfo Info { get; private set; } = info;

    public List<LegInfo> Legs { get; } = [];

    public List<AudioPipe> Pipes { get; } = [];

    public int Updates { get; private set; }

    public Task<CallEndReason> Closed => _closed.Task;

    public void AddLeg(LegInfo leg, AudioPipe audio)
    {
        Legs.Add(leg);
        Pipes.Add(audio);
    }

    public void Update(CallInfo call)
    {
        Info = call;
        Updates++;
    }

    public async ValueTask CloseAsync(CallEndReason reason, CancellationToken cancellationToken)
    {
        if (sink.HoldClose is { } hold) await hold.Task.WaitAsync(cancellationToken);
        _closed.TrySetResult(reason);
    }
}

/// <summary>Plays nothing, and says what it was asked to play.</summary>
internal sealed class FakePlayout : IRtpPlayout
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ImmutableArray<int> LocalPorts { get; private set; } = [];

    public bool UntilStopped { get; set; }

    public Task Started => _started.Task;

    public ImmutableArray<PlayoutStream> Played { get; private set; } = [];

    public void Bind(int streams) => LocalPorts = [.. Enumerable.Range(0, streams).Select(i => 42_000 + (2 * i))];

    public async Task<ImmutableArray<PlayoutResult>> PlayAsync(ImmutableArray<PlayoutStream> streams, CancellationToken cancellationToken)
    {
        Played = streams;
        _started.TrySetResult();
        if (UntilStopped)
        {
            var stopped = new TaskCompletionSource();
            await using var registration = cancellationToken.Register(stopped.SetResult);
            await stopped.Task;
        }

        return [.. streams.Select(_ => new PlayoutResult(1, DateTimeOffset.UnixEpoch))];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
