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

    /// <summary>Supervisors on forks.</summary>
    public List<FakeSupervisorLeg> Listeners { get; } = [];

    public ISupervisorLeg? TryListen(IReadOnlyList<AudioPipe> heard, SupervisorPlan plan)
    {
        Listeners.Add(new FakeSupervisorLeg(_port += 2, plan));
        return Listeners[^1];
    }

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

    public bool IsMixable { get; set; } = true;

    /// <summary>Supervisors put on the stream, in their order.</summary>
    public List<FakeSupervisorLeg> Supervisors { get; } = [];

    public ISupervisorLeg? TryAttach(SupervisorPlan plan)
    {
        Supervisors.Add(new FakeSupervisorLeg(port + 1000 + (2 * Supervisors.Count), plan));
        return Supervisors[^1];
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        foreach (var pipe in _pipes) pipe.Complete();
        return ValueTask.CompletedTask;
    }
}

internal sealed class FakeSupervisorLeg(int port, SupervisorPlan first) : ISupervisorLeg
{
    private readonly Action<char> _keyPressed = first.KeyPressed;

    public IPEndPoint LocalEndPoint => new(IPAddress.Loopback, port);

    public RelaySideStatistics Statistics { get; set; } = new() { PacketsReceived = 10 };

    /// <summary>What signalling said last.</summary>
    public SupervisorPlan Plan { get; private set; } = first;

    public bool IsDisposed { get; private set; }

    public void Press(char key) => _keyPressed(key);

    public void Update(SupervisorPlan plan) => Plan = plan;

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
