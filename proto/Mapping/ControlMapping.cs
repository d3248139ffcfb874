using System.Collections.Immutable;
using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.Proto.Mapping;

/// <summary>Supervisors' orders and reports between <see cref="Contracts"/> and the link's wire.</summary>
public static class ControlMapping
{
    public static Internal.V1.CapabilitiesReply ToWire(CallCapabilities? capabilities)
    {
        if (capabilities is null) return new Internal.V1.CapabilitiesReply();
        var reply = new Internal.V1.CapabilitiesReply
        {
            Known = true,
            Phone = capabilities.Phone,
            AnyPhone = capabilities.AnyPhone,
            PlaysTone = capabilities.PlaysTone,
            Profile = capabilities.Profile,
        };
        reply.Modes.AddRange(capabilities.Modes.Select(mode => new Internal.V1.ModeReply { Mode = (Internal.V1.ControlMode)mode.Mode, WhyNot = mode.WhyNot, Sentence = mode.Sentence }));
        return reply;
    }

    public static CallCapabilities? ToContract(this Internal.V1.CapabilitiesReply reply, CallId call) => !reply.Known ? null : new CallCapabilities
    {
        Call = call,
        Modes = [.. reply.Modes.Select(mode => new ModeCapability((InterventionMode)mode.Mode, mode.WhyNot, mode.Sentence))],
        Phone = reply.Phone,
        AnyPhone = reply.AnyPhone,
        PlaysTone = reply.PlaysTone,
        Profile = reply.Profile,
    };

    public static Internal.V1.JoinOrder ToWire(this InterventionOrder order) => new()
    {
        InterventionId = order.Id,
        CallId = order.Call.Value,
        Mode = (Internal.V1.ControlMode)order.Mode,
        Supervisor = order.Supervisor,
        Phone = order.Phone,
    };

    public static InterventionOrder ToContract(this Internal.V1.JoinOrder order) => new()
    {
        Id = order.InterventionId,
        Call = new CallId(order.CallId),
        Mode = (InterventionMode)order.Mode,
        Supervisor = order.Supervisor,
        Phone = order.Phone,
    };

    public static Internal.V1.OrderReply ToWire(this ControlAnswer answer) => new()
    {
        Report = answer.Report is { } report ? ToWire(report) : null,
        WhyNot = answer.WhyNot,
        Sentence = answer.Sentence,
    };

    public static ControlAnswer ToContract(this Internal.V1.OrderReply reply) => new(reply.Report is { } report ? ToContract(report) : null, reply.WhyNot, reply.Sentence);

    public static Internal.V1.ReportList ToWire(ImmutableArray<InterventionReport> reports)
    {
        var list = new Internal.V1.ReportList();
        list.Reports.AddRange(reports.Select(ToWire));
        return list;
    }

    public static ImmutableArray<InterventionReport> ToContract(this Internal.V1.ReportList list) => [.. list.Reports.Select(ToContract)];

    private static Internal.V1.Report ToWire(InterventionReport report)
    {
        var wire = new Internal.V1.Report { InterventionId = report.Id, CallId = report.Call.Value };
        wire.Steps.AddRange(report.Steps.Select(step => new Internal.V1.ReportStep
        {
            Phase = (Internal.V1.ControlPhase)step.Phase,
            At = step.At.ToTimestamp(),
            Cause = step.Cause,
            SipStatus = step.SipStatus,
            Sentence = step.Sentence,
        }));
        return wire;
    }

    private static InterventionReport ToContract(Internal.V1.Report report) => new()
    {
        Id = report.InterventionId,
        Call = new CallId(report.CallId),
        Steps = [.. report.Steps.Select(step => new InterventionStep(
            (InterventionPhase)step.Phase, step.At?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch, step.Cause, step.SipStatus, step.Sentence))],
    };
}
