using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Tests.Calls.Bridge;

/// <summary>A relay without sockets: counts and remembers.</summary>
internal sealed class FakeRelay : IMediaRelay
{
    private int _port = 40_000;

    /// <summary>Streams it will still open.</summary>
    public int FreeStreams { get; set; } = int.MaxValue;

    public List<FakeRelayStream> Streams { get; } = [];

    public IRelayStream? TryOpen(RelayPlan plan)
    {
        if (FreeStreams-- <= 0) return null;
        var stream = new FakeRelayStream(_port += 4, plan);
        Streams.Add(stream);
        return stream;
    }
}

internal sealed class FakeRelayStream(int port, RelayPlan plan) : IRelayStream
{
    private readonly AudioPipe[] _pipes = [new(), new()];

    public RelayPlan Plan => plan;

    public Dictionary<RelaySide, RelaySidePlan> Sides { get; } = [];

    public int Updates { get; private set; }

    public bool IsDisposed { get; private set; }

    public IPEndPoint LocalEndPoint(RelaySide side) => new(IPAddress.Loopback, port + (2 * (int)side));

    public AudioPipe Audio(RelaySide side) => _pipes[(int)side];

    public RelaySideStatistics Statistics(RelaySide side) => new()
    {
        PacketsReceived = 50 + (int)side, PacketsSent = 49, Lost = side == RelaySide.Callee ? 17 : 0, Jitter = TimeSpan.FromMilliseconds(5 + (int)side), SilentFor = SilentFor[(int)side],
    };

    /// <summary>How long each side's media has been missing.</summary>
    public TimeSpan[] SilentFor { get; } = [TimeSpan.Zero, TimeSpan.Zero];

    public void Update(RelaySide side, RelaySidePlan plan)
    {
        Sides[side] = plan;
        Updates++;
    }

    public ISupervisorLeg? TryAttach(SupervisorPlan plan) => null;

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        foreach (var pipe in _pipes) pipe.Complete();
        return ValueTask.CompletedTask;
    }
}
