using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Host.Composition;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Transport;

namespace EdgeAssist.Host.Doctor;

/// <summary>The models this configuration loads: there, whole, and as the manifest pins them.</summary>
internal sealed class ModelsCheck(IConfiguration configuration) : IDoctorCheck
{
    public Finding Run()
    {
        var options = configuration.GetSection(InferenceOptions.Section).Get<InferenceOptions>() ?? new InferenceOptions();
        var store = new ModelStore(options.ModelDirectory.Length > 0 ? options.ModelDirectory : null);
        try
        {
            var bad = ((string[])[options.SpeechModel, options.VoiceModel, options.TextModel])
                .Select(store.Verify)
                .Where(status => status.State != ModelState.Present)
                .ToArray();
            return bad.Length == 0
                ? new Finding("models", Verdict.Pass, $"{options.SpeechModel}, {options.VoiceModel}, {options.TextModel}: present, hashes right")
                : new Finding("models", Verdict.Fail, string.Join(" ", bad.Select(status => status.Detail)),
                    $"edgeassist models pull {string.Join(' ', bad.Select(status => status.Model.Name))}");
        }
        catch (ModelException unknown)
        {
            return new Finding("models", Verdict.Fail, unknown.Message, "Correct the name in section Inference.");
        }
    }
}

/// <summary>Where SIP and the streams are to listen: free, and ours to bind.</summary>
internal sealed class PortsCheck(string subject, IEnumerable<(ProtocolType Protocol, IPEndPoint Endpoint)> ports) : IDoctorCheck
{
    /// <summary>The ports of a configuration; what is not an address is left to the start, which names it.</summary>
    public static IEnumerable<IDoctorCheck> Of(IConfiguration configuration)
    {
        var sip = configuration.GetSection(SipOptions.Section).Get<SipOptions>() ?? new SipOptions();
        string[] listen = sip.Listen.Count > 0 ? [.. sip.Listen] : [.. SipConfiguration.DefaultListen];
        yield return new PortsCheck("SIP ports", listen.Select(Parse).OfType<(ProtocolType, IPEndPoint)>());

        var api = configuration.GetSection(ApiOptions.Section).Get<ApiOptions>() ?? new ApiOptions();
        yield return new PortsCheck("gRPC and web ports", ((string[])[api.Listen, api.WebListen])
            .Where(place => place.Length > 0)
            .Select(place => Parse("tcp:" + place))
            .OfType<(ProtocolType, IPEndPoint)>());

        var rtp = configuration.GetSection(RtpOptions.Section).Get<RtpOptions>() ?? new RtpOptions();
        if (IPAddress.TryParse(rtp.Address, out var address) && rtp.PortMin is > 0 and < 65_536)
            yield return new PortsCheck("media ports", [(ProtocolType.Udp, new IPEndPoint(address, rtp.PortMin)), (ProtocolType.Udp, new IPEndPoint(address, Math.Min(rtp.PortMax, 65_535)))]);
    }

    public Finding Run()
    {
        var all = ports.ToArray();
        var taken = all.Select(port => (port, Why: PortProbe.Try(port.Endpoint, port.Protocol))).Where(probe => probe.Why is not null).ToArray();
        return taken.Length == 0
            ? new Finding(subject, Verdict.Pass, string.Join(", ", all.Select(Describe)))
            : new Finding(subject, Verdict.Fail, string.Join("; ", taken.Select(probe => $"{Describe(probe.port)}: {probe.Why}")),
                "Stop the other program, or choose other ports in the configuration. If it is this appliance, it is running.");
    }

    private static string Describe((ProtocolType Protocol, IPEndPoint Endpoint) port) => $"{port.Protocol.ToString().ToLowerInvariant()} {port.Endpoint}";

    private static (ProtocolType, IPEndPoint)? Parse(string place)
    {
        var colon = place.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !IPEndPoint.TryParse(place[(colon + 1)..], out var endpoint)) return null;
        return (place[..colon] == "udp" ? ProtocolType.Udp : ProtocolType.Tcp, endpoint);
    }
}

/// <summary>The key that signs access tokens: there, whole, and nobody else's to read.</summary>
internal sealed class KeyCheck(string dataDirectory) : IDoctorCheck
{
    public Finding Run()
    {
        try
        {
            TokenAuthority.Open(dataDirectory);
            return new Finding("token key", Verdict.Pass, "present, readable by this user only");
        }
        catch (Exception refused) when (refused is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new Finding("token key", Verdict.Fail, refused.Message, "Restore it from a backup, or remove it: a new one is made at the next start, and every token must be issued again.");
        }
    }
}

/// <summary>Who is who on a call: without role rules every speaker is unknown, and nobody is scored as the customer.</summary>
internal sealed class TrunksCheck(IConfiguration configuration) : IDoctorCheck
{
    public Finding Run()
    {
        var trunks = (configuration.GetSection(SipOptions.Section).Get<SipOptions>() ?? new SipOptions()).Trunks;
        var silent = trunks.Where(trunk => trunk.Roles.Count == 0 && trunk.Labels.Count == 0 && trunk.Positions.Count == 0).ToArray();
        return trunks.Count > 0 && silent.Length == 0
            ? new Finding("trunks", Verdict.Pass, string.Create(CultureInfo.InvariantCulture, $"{trunks.Count} with role rules"))
            : new Finding("trunks", Verdict.Warn,
                trunks.Count == 0 ? "none configured: every speaker is unknown" : $"no role rules: {string.Join(", ", silent.Select(trunk => trunk.Name))}",
                "Add Sip:Trunks with Peers and Roles; README, «Point an SBC at it».");
    }
}

/// <summary>The library of prompts: what is wrong with the operator's files leaves the rest in force, and is told here.</summary>
internal sealed class PlaybooksCheck(IConfiguration configuration) : IDoctorCheck
{
    public Finding Run()
    {
        var directory = configuration[$"{AlertRelayOptions.Section}:{nameof(AlertRelayOptions.PlaybookDirectory)}"] ?? "";
        var report = PlaybookCheck.Run(directory);
        return report.Problems.Count == 0
            ? new Finding("playbooks", Verdict.Pass, string.Create(CultureInfo.InvariantCulture, $"{report.BuiltIn + report.Phrases + report.Options} entries in force, {report.Phrases + report.Options} of your own"))
            : new Finding("playbooks", Verdict.Warn, string.Create(CultureInfo.InvariantCulture, $"{report.Problems[0]} ({report.Problems.Count} in all; the rest is in force)"), $"edgeassist playbooks check {directory}");
    }
}
