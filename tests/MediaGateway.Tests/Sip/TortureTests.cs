using System.Net;
using System.Text.Json;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip;

/// <summary>Every torture message of RFC 4475 and RFC 5118 at hand, with what its index expects of an endpoint.</summary>
public sealed class TortureTests
{
    /// <summary>What exactly we do, where the index leaves a choice. 0: a response that is parsed, −1: a response that is discarded.</summary>
    private static readonly Dictionary<string, int> s_outcomes = new(StringComparer.Ordinal)
    {
        ["badaspec.dat"] = 400, ["baddn.dat"] = 400, ["esc01.dat"] = 200, ["esc02.dat"] = 501, ["escruri.dat"] = 400,
        ["insuf.dat"] = 400, ["inv2543.dat"] = 200, ["invut.dat"] = 415, ["ltgtruri.dat"] = 400, ["lwsruri.dat"] = 400,
        ["mismatch01.dat"] = 400, ["mismatch02.dat"] = 400, ["mpart01.dat"] = 405, ["multi01.dat"] = 400, ["ncl.dat"] = 400,
        ["noreason.dat"] = 0, ["quotbal.dat"] = 400, ["regescrt.dat"] = 405, ["scalar02.dat"] = 400, ["scalarlg.dat"] = -1,
        ["semiuri.dat"] = 200, ["trws.dat"] = 400, ["unkscm.dat"] = 416, ["unksm2.dat"] = 405, ["zeromf.dat"] = 200,
        ["ipv6-bad.dat"] = 400, ["ipv6-correct-abnf-2-colons.dat"] = 200, ["ipv6-good.dat"] = 405, ["ipv6-in-sdp.dat"] = 200,
        ["mult-ip-in-sdp.dat"] = 200, ["port-ambiguous.dat"] = 405,
    };

    [Theory]
    [InlineData("rfc4475")]
    [InlineData("rfc5118")]
    public void Every_torture_message_gets_what_its_index_expects(string folder)
    {
        var path = SharedFolder.Find("conformance/" + folder);
        if (path is null) Assert.Skip($"../shared/conformance/{folder} is not on this machine.");

        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path!, "index.json")));
        foreach (var entry in index.RootElement.EnumerateArray())
        {
            var file = entry.GetProperty("file").GetString()!;
            var (status, why) = Outcome(File.ReadAllBytes(Path.Combine(path!, file)));

            var expect = entry.GetProperty("expect").GetString()!;
            Assert.True(IsAllowed(entry.GetProperty("verdict").GetString()!, expect, status), $"{file}: {status} ({why}) where '{expect}' is expected");
            if (s_outcomes.TryGetValue(file, out var exactly)) Assert.True(exactly == status, $"{file}: {status} ({why}), not {exactly}");
            if (status == 400) Assert.StartsWith("Bad Request: ", why, StringComparison.Ordinal);
        }
    }

    /// <summary>Runs a datagram through parser and core; the final status of a request, 0 for a response, −1 for one that is discarded.</summary>
    internal static (int Status, string Why) Outcome(ReadOnlySpan<byte> datagram)
    {
        var flow = new SipFlow(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, 5060), new IPEndPoint(IPAddress.Loopback, 5070));
        var core = new UserAgentCore(new NoteTakingHandler(), new UserAgentSettings(), () => "token");
        if (SipMessageParser.TryParse(datagram, SipLimits.Default, out var message, out var failure))
        {
            if (message is SipResponse) return (0, "");
            core.OnMessage(message, flow, new Instant(0));
        }
        else
        {
            if (failure.Method is null) return (-1, failure.Why);
            core.OnMalformed(failure, flow);
        }

        while (core.TryTake(out var output))
            if (output.Status >= 200) return (output.Status, ReasonOf(output));
        return (-1, "no answer");
    }

    private static string ReasonOf(SipOutput output)
    {
        var line = System.Text.Encoding.UTF8.GetString(output.Bytes.Span);
        return line["SIP/2.0 400 ".Length..line.IndexOf('\r', StringComparison.Ordinal)];
    }

    private static bool IsAllowed(string verdict, string expect, int status)
    {
        if (expect.Contains("discard", StringComparison.Ordinal)) return status == -1;
        var codes = expect.Split(' ', '(', ')', ';', ',', ':').Select(word => int.TryParse(word, out var code) ? code : 0).ToHashSet();
        if (verdict == "invalid") return codes.Contains(status) || (expect.Contains("lenient", StringComparison.Ordinal) && status is 200 or 405);

        // A valid message must be parsed; codes for a registrar or a proxy are not ours.
        if (expect.Contains("endpoint 501", StringComparison.Ordinal)) return status == 501;
        if (expect.Contains("endpoint 415", StringComparison.Ordinal)) return status == 415;
        return expect.Contains("416", StringComparison.Ordinal) ? status == 416 : status is 0 or 200 or 405 or 501;
    }
}
