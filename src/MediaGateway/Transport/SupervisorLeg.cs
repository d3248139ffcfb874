using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>A supervisor's port, as signalling sees it.</summary>
internal sealed class SupervisorLeg : ISupervisorLeg
{
    private readonly Lock _gate = new();   // signalling threads among themselves
    private readonly RelayLoop _loop;
    private readonly Func<SupervisorLeg, Task> _detach;
    private readonly TimeProvider _time;
    private readonly List<RelayProtection> _toWipe = [];
    private RelayProtection? _protection;

    /// <param name="loop">Carries the port.</param>
    /// <param name="port">The port.</param>
    /// <param name="core">What the port is for; belongs to the loop.</param>
    /// <param name="plan">What signalling says.</param>
    /// <param name="detach">Takes the leg off the call.</param>
    /// <param name="time">The clock.</param>
    public SupervisorLeg(RelayLoop loop, RelayPort port, ISupervisorCore core, SupervisorPlan plan, Func<SupervisorLeg, Task> detach, TimeProvider time)
    {
        (_loop, Port, Core, _detach, _time) = (loop, port, core, detach, time);
        Update(plan);
    }

    public RelayPort Port { get; }

    /// <summary>Belongs to the loop.</summary>
    public ISupervisorCore Core { get; }

    public IPEndPoint LocalEndPoint => Port.LocalEndPoint;

    public RelaySideStatistics Statistics => Port.StatisticsOf(Core.End, Instant.Now(_time));

    public void Update(SupervisorPlan plan)
    {
        lock (_gate)
        {
            var made = RelayProtection.For(plan.Side.Keys, _protection, Instant.Now(_time));
            if (made is not null && made != _protection) _toWipe.Add(made);
            _protection = made;
            _loop.Post(() => Core.Update(plan, made));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _detach(this).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var protection in _toWipe) protection.Dispose();
            _toWipe.Clear();
        }
    }
}
