using System.Net;
using System.Security.Cryptography;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>A supervisor's port on a stream, as signalling sees it.</summary>
internal sealed class SupervisorLeg : ISupervisorLeg
{
    private readonly Lock _gate = new();   // signalling threads among themselves
    private readonly RelayStream _stream;
    private readonly TimeProvider _time;
    private readonly List<RelayProtection> _toWipe = [];
    private RelayProtection? _protection;

    public SupervisorLeg(RelayStream stream, RelayPort port, SupervisorPlan plan, TimeProvider time)
    {
        (_stream, Port, _time) = (stream, port, time);
        Supervision = new Supervision(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)));
        Update(plan);
        stream.Loop.Post(() => stream.BeginSupervision(this));
    }

    public RelayPort Port { get; }

    /// <summary>Belongs to the loop.</summary>
    public Supervision Supervision { get; }

    public IPEndPoint LocalEndPoint => Port.LocalEndPoint;

    public RelaySideStatistics Statistics => Port.StatisticsOf(Supervision.End, Instant.Now(_time));

    public void Update(SupervisorPlan plan)
    {
        lock (_gate)
        {
            var made = RelayProtection.For(plan.Side.Keys, _protection, Instant.Now(_time));
            if (made is not null && made != _protection) _toWipe.Add(made);
            _protection = made;
            _stream.Loop.Post(() => Supervision.Update(plan, made));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DetachAsync(this).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var protection in _toWipe) protection.Dispose();
            _toWipe.Clear();
        }
    }
}
