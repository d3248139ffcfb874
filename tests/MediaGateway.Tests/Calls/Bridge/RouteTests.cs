using System.Net;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.Resolution;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Tests.Sip.Resolution;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls.Bridge;

/// <summary>Where inline calls go: names, failover and its memory, and who we are there.</summary>
public sealed class RouteTests
{
    private static readonly byte[] s_offer = ScriptedPeer.Sdp(1, "1.1.1.1");
    private static readonly byte[] s_answer = ScriptedPeer.Sdp(1, "2.2.2.2", port: 6000);

    [Fact] // RFC 3263 §4.2, §4.3, RFC 2782
    public async Task A_name_is_looked_up_beforehand_and_its_servers_are_asked_in_order()
    {
        await using var dns = new DnsServer(new DnsZone()
            .Srv("_sip._udp.pbx.example.com", 20, 0, 6003, "b.example.com").Srv("_sip._udp.pbx.example.com", 10, 0, 6009, "a.example.com")
            .A("a.example.com", "127.0.0.1").A("b.example.com", "127.0.0.1"));
        var target = await LookUpAsync(dns, "sip:pbx.example.com;transport=udp");
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { Routes = [new Route("", [target])] });

        rig.Invite(s_offer);
        rig.Advance(TimeSpan.FromSeconds(5.1));

        Assert.Equal([6009, 6003], target.Places.Select(place => place.EndPoint.Port));
        Assert.Equal("sip:100@pbx.example.com", Assert.Single(rig.Second.Requests).RequestUri);
        Assert.True(rig.Inline.HasTarget(IPAddress.Loopback));
        Assert.False(rig.Inline.HasTarget(IPAddress.Parse("127.0.0.2")));
    }

    [Fact]
    public async Task A_call_to_a_name_that_leads_nowhere_yet_is_refused_for_now()
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { Routes = [new Route("", [Named("sip:nowhere.example.com")])] });

        rig.Invite(s_offer);

        Assert.Equal(503, rig.Caller.LastStatus);
        Assert.Equal("10", rig.Caller.Responses[^1].Headers.First("Retry-After"));
        Assert.Equal((0, 0), (rig.Bridge.CallCount, rig.Core.SessionCount));
    }

    [Fact]
    public void A_name_server_that_is_silent_leaves_the_places_found_before_and_addresses_are_remembered()
    {
        var target = Named("sips:pbx.example.com");

        target.Learn([Place("127.0.0.5", 5061)]);
        target.Learn([]);
        Assert.Equal(("pbx.example.com", "pbx.example.com", 5061), (target.Places[0].HostPort, target.Places[0].Domain, target.Places[0].EndPoint.Port));
        target.Learn([Place("127.0.0.6", 5061)]);

        Assert.True(target.Has(IPAddress.Parse("127.0.0.5")) && target.Has(IPAddress.Parse("127.0.0.6")));
        Assert.Equal("127.0.0.6", Assert.Single(target.Places).EndPoint.Address.ToString());
    }

    [Fact] // RFC 3263 §4.3
    public async Task A_target_that_failed_is_asked_last_for_half_a_minute()
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk(6002, 6003));
        rig.Invite(s_offer);
        rig.Answer(new SessionDecision { Status = 503 });
        Assert.Equal((1, 1), (rig.Callee.Requests.Count, rig.Second.Requests.Count));

        rig.Invite(s_offer);
        Assert.Equal((1, 2), (rig.Callee.Requests.Count, rig.Second.Requests.Count));
        rig.Second.Core.Decide(rig.Second.Session!, SessionDecision.Accept(s_answer), rig.Now);
        rig.Run();

        rig.Advance(TimeSpan.FromSeconds(31));
        rig.Invite(s_offer);
        Assert.Equal(2, rig.Callee.Requests.Count);
    }

    [Fact]
    public void Memory_of_failures_is_bounded_and_an_answer_clears_it()
    {
        var (failed, now) = (new FailedTargets(), new Instant(TimeSpan.TicksPerHour));
        var targets = Enumerable.Range(1, 300).Select(port => new RouteTarget(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, port))).ToList();
        foreach (var target in targets) failed.Note(target, now);
        var route = new Route("", [targets[0], targets[299]]);

        Assert.Equal([300, 1], failed.Order(route, now).Select(place => place.EndPoint.Port));
        failed.Clear(targets[0]);
        Assert.Equal([1, 300], failed.Order(route, now).Select(place => place.EndPoint.Port));
    }

    [Theory] // RFC 3261 §22.2
    [InlineData("far", 200)]
    [InlineData("elsewhere", 401)]   // not our realm: the caller's matter
    public async Task A_challenge_of_the_trunk_s_realm_is_answered_by_us_and_any_other_by_the_caller(string realm, int status)
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { Identity = new DigestIdentity("far", "edge", "a long password", AllowMd5: false) });
        rig.Invite(s_offer);

        rig.Answer(new SessionDecision { Status = 401, Headers = [new SipHeader("WWW-Authenticate", $"Digest realm=\"{realm}\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"")] });
        if (status == 200) rig.Answer(SessionDecision.Accept(s_answer));

        Assert.Equal(status, rig.Caller.LastStatus);
        Assert.Equal(status == 200 ? 2 : 1, rig.Callee.Requests.Count(request => request.Method == SipMethod.Invite));
        if (status == 401) return;
        Assert.True(DigestCredentials.TryParse(rig.Callee.Requests.Last(request => request.Method == SipMethod.Invite).Headers.First("Authorization")!, out var said));
        Assert.Equal(("edge", "far", "n"), (said.User, said.Realm, said.Nonce));
        Assert.DoesNotContain(rig.Caller.Responses, response => response.Status == 401);
    }

    [Fact]
    public async Task Credentials_meant_for_us_end_here_and_those_for_the_far_side_go_on()
    {
        const string Mine = "Authorization: Digest username=\"ann\", realm=\"edgeassist\", nonce=\"1\", uri=\"sip:x\", response=\"00\", algorithm=SHA-256";
        const string Theirs = "Authorization: Digest username=\"ann\", realm=\"far\", nonce=\"2\", uri=\"sip:x\", response=\"00\", algorithm=SHA-256";
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { OwnRealm = "edgeassist" });

        rig.Invite(s_offer, headers: [Mine, Theirs]);

        Assert.Contains("realm=\"far\"", Assert.Single(rig.Callee.Requests[0].Headers, field => field.Is("Authorization")).Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sip:pbx.example.com", true)]
    [InlineData("pbx.example.com:5070", true)]
    [InlineData("tls:pbx.example.com", true)]
    [InlineData("sips:[2001:db8::1]:5061", true)]
    [InlineData("udp:127.0.0.1:5060", true)]
    [InlineData("sip:alice@pbx.example.com", false)]
    [InlineData("sip:pbx.example.com;transport=sctp", false)]
    [InlineData("sips:pbx.example.com;transport=udp", false)]
    [InlineData("udp:127.0.0.1:99999", false)]
    [InlineData("", false)]
    public void A_target_is_an_address_or_a_name(string text, bool taken)
    {
        var options = new TrunkOptions { Name = "pbx", Mode = "Inline" };
        var route = new RouteOptions();
        route.Targets.Add(text);
        options.Inline.Routes.Add(route);
        options.Inline.Credentials.User = "edge";
        var faults = new List<string>();

        InlineConfiguration.Read(options, "edgeassist", faults);

        Assert.Equal(taken, !faults.Exists(fault => fault.Contains("is not a place to send calls to", StringComparison.Ordinal)));
        Assert.Contains("Sip:Trunks 'pbx' Inline:Credentials needs Realm, User and Password, all three.", faults);
    }

    [Fact] // RFC 5922 §4: the connection goes where the name led, and must prove the name
    public void A_request_to_a_name_opens_its_connection_to_the_place_found()
    {
        var place = new IPEndPoint(IPAddress.Parse("127.0.0.5"), 7061);
        var flow = new SipFlow(SipTransport.Tls, new IPEndPoint(IPAddress.Loopback, 5061), place, 1) { Domain = "pbx.example.com" };

        var initial = SipOutput.Of(flow, Request("sip:100@pbx.example.com;transport=tls"));
        var inside = SipOutput.Of(flow, Request("sip:100@127.0.0.5:7062;transport=tls"));
        var elsewhere = SipOutput.Of(flow, Request("sip:100@127.0.0.6:7062;transport=tls"));

        Assert.Equal((place, "pbx.example.com"), (initial.Elsewhere, initial.ElsewhereName));
        Assert.Equal(("127.0.0.5:7062", "pbx.example.com"), (inside.Elsewhere!.ToString(), inside.ElsewhereName));
        Assert.Equal(("127.0.0.6:7062", "127.0.0.6"), (elsewhere.Elsewhere!.ToString(), elsewhere.ElsewhereName));
    }

    private static SipDestination Place(string address, int port) => new(SipTransport.Tls, new IPEndPoint(IPAddress.Parse(address), port), "pbx.example.com");

    private static NamedTarget Named(string uri) => new(SipUriParser.TryParse(uri, out var parsed) ? parsed! : throw new ArgumentException($"'{uri}' is no SIP URI.", nameof(uri)));

    private static SipRequest Request(string uri) => Assert.IsType<SipRequest>(Tests.Sip.SipTestMessages.Parse(Encoding.ASCII.GetBytes(
        $"OPTIONS {uri} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n")));

    /// <summary>The target of a configured trunk, after the gateway's own look-up against the test's name server.</summary>
    private static async Task<NamedTarget> LookUpAsync(DnsServer dns, string text)
    {
        var options = new SipOptions();
        options.DnsServers.Add(dns.EndPoint.ToString());
        var trunk = new TrunkOptions { Name = "pstn", Mode = "Inline" };
        var route = new RouteOptions();
        route.Targets.Add(text);
        trunk.Inline.Routes.Add(route);
        options.Trunks.Add(trunk);
        var configuration = SipConfiguration.Read(options);
        Assert.Empty(configuration.Faults);
        var target = Assert.IsType<NamedTarget>(Assert.Single(configuration.Recording.Trunks[0].Inline!.Routes[0].Targets));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var running = new RouteNames(configuration, new SupervisionConfiguration(new SupervisionOptions(), []), TimeProvider.System, NullLogger.Instance).RunAsync(stop.Token);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var rounds = 0; target.Places.IsEmpty && rounds < 1000; rounds++) await poll.WaitForNextTickAsync(stop.Token);
        await stop.CancelAsync();
        await running;
        return target;
    }
}
