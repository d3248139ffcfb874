using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Siprec.Profiles;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>What clients and operators may ask of a live call: pause its analysis, put a role right.</summary>
public sealed class RecordingControlTests : RecordingRig
{
    private static readonly short[] s_speech = [.. Enumerable.Range(1, 320).Select(i => (short)i)];

    [Fact] // FEATURES J3: between pause and resume not one sample reaches the reader, and the timeline goes on
    public void A_pause_by_INFO_drops_the_audio_and_the_legs_say_so()
    {
        var (tag, call) = Establish(Invite);

        Assert.Equal(200, Final(Send(Info(tag, 2, "pause-siprec"))).Status);
        Write(0);
        Assert.All(call.Info.Legs, leg => Assert.True(leg.IsPaused));
        Assert.Equal(2, call.Info.Version);
        Assert.Equal((0, PcmFrameKind.Silence), Read());

        Send(Info(tag, 3, "resume-siprec;x=y"));
        Write(320);
        Assert.All(call.Info.Legs, leg => Assert.False(leg.IsPaused));
        Assert.Equal((s_speech.Sum(sample => sample), PcmFrameKind.Received), Read());

        void Write(long position)
        {
            foreach (var pipe in call.Pipes) pipe.Write(new PcmFrame(position, s_speech.Length, PcmFrameKind.Received, Now, Now), s_speech);
        }

        (int Sum, PcmFrameKind Kind) Read()
        {
            var samples = new short[AudioPipe.MaxFrameSamples];
            Assert.True(call.Pipes[1].TryRead(samples, out var frame));
            return (samples.Take(frame.SampleCount).Sum(sample => sample), frame.Kind);
        }
    }

    [Theory]
    [InlineData("pause-siprec", true)]
    [InlineData("pause-siprec pause-siprec resume-siprec", false)]
    [InlineData("stop-siprec", true)]
    [InlineData("stop-siprec resume-siprec", true)]     // what was stopped is started, not resumed
    [InlineData("stop-siprec start-siprec", false)]
    [InlineData("pause-siprec start-siprec", false)]
    [InlineData("stop-siprec pause-siprec start-siprec", false)]
    [InlineData("resume-siprec", false)]
    [InlineData("disconnect", false)]
    public void Actions_follow_each_other(string actions, bool paused)
    {
        var (tag, call) = Establish(Invite);
        var cseq = 2;

        foreach (var action in actions.Split(' ')) Assert.Equal(200, Final(Send(Info(tag, cseq++, action))).Status);

        Assert.All(call.Info.Legs, leg => Assert.Equal(paused, leg.IsPaused));
        Assert.All(call.Pipes, pipe => Assert.Equal(paused, pipe.IsWithheld));
    }

    [Fact]
    public void A_stream_that_joins_a_paused_call_is_paused_from_its_first_sample()
    {
        var (tag, call) = Establish(Invite);
        Send(Info(tag, 2, "pause-siprec"));

        Send(Inside("INVITE", tag, 3) with { ContentType = "application/sdp", Body = SiprecText.Offer() + "m=audio 40010 RTP/AVP 0\r\na=label:3\r\na=sendonly\r\n" });

        Assert.True(call.Pipes[2].IsWithheld);
        Assert.True(call.Info.Legs[2].IsPaused);
    }

    [Theory] // INFO is answered, whatever it carries: RFC 6086 §4.2.2
    [InlineData("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "", 200)]
    [InlineData("application/dtmf", "5", "", 200)]
    [InlineData("application/x-unheard-of", "?", "", 200)]
    [InlineData("", "", "", 200)]
    [InlineData("application/x", "?", "Info-Package: conference", 469)]
    public void Every_INFO_is_answered(string type, string body, string header, int status)
    {
        var (tag, call) = Establish(Invite);

        var answer = Final(Send(Inside("INFO", tag, 2) with { ContentType = type, Body = body, Headers = header.Length > 0 ? [header] : [] }));

        Assert.Equal(status, answer.Status);
        Assert.Equal(1, call.Info.Version);
        if (status == 469) Assert.True(answer.Headers.Has("Recv-Info"));
    }

    [Fact]
    public async Task An_operator_pauses_a_call_from_any_thread()
    {
        var (_, call) = Establish(Invite);
        var woken = 0;
        Server.Wishes.Wake = () => woken++;

        var done = Server.Wishes.ControlAsync(call.Info.Id, RecordingAction.Pause);
        var unknown = Server.Wishes.ControlAsync(new CallId("nobody"), RecordingAction.Pause);
        Assert.False(done.IsCompleted);
        Server.Obey(Now);

        Assert.Equal((true, false, 2), (await done, await unknown, woken));
        Assert.All(call.Pipes, pipe => Assert.True(pipe.IsWithheld));
    }

    [Fact] // FEATURES A8
    public async Task A_role_put_right_holds_whatever_signalling_says_later()
    {
        var (tag, call) = Establish(Invite);
        var done = Server.Wishes.CorrectRoleAsync(call.Info.Id, new LegId(0), PartyRole.Customer);
        var unknown = Server.Wishes.CorrectRoleAsync(call.Info.Id, new LegId(7), PartyRole.Customer);
        Server.Obey(Now);
        Send(Inside("UPDATE", tag, 2) with { ContentType = "application/rs-metadata", Body = SiprecText.Metadata(agent: "sip:agent9@pbx.example.net") });

        Assert.Equal((true, false), (await done, await unknown));
        Assert.Equal((PartyRole.Customer, RoleEvidence.Correction, "sip:agent9@pbx.example.net"), (call.Info.Legs[0].Role, call.Info.Legs[0].RoleEvidence, call.Info.Legs[0].Party.Aor));
        Assert.Equal("agent9", call.Info.Customer);
    }

    [Fact]
    public async Task Too_many_wishes_at_once_are_refused()
    {
        var wishes = Enumerable.Range(0, 257).Select(_ => Server.Wishes.ControlAsync(new CallId("x"), RecordingAction.Pause)).ToList();

        Assert.False(await wishes[256]);
        Assert.All(wishes.Take(256), wish => Assert.False(wish.IsCompleted));
        Server.Obey(Now);
        Assert.All(await Task.WhenAll(wishes), Assert.False);
    }

    [Theory] // the marks of CUCM count only where a session has one audio line and nothing stronger speaks
    [InlineData(1, PartyRole.Agent, RoleEvidence.Label)]
    [InlineData(2, PartyRole.Unknown, RoleEvidence.None)]
    public void A_mark_of_the_make_gives_the_role_of_a_single_stream(int lines, PartyRole role, RoleEvidence evidence)
    {
        Use(new RecordingSettings { Trunks = [new Trunk { Profile = VendorProfiles.Find("cisco-cucm")! with { Roles = [new RoleMark { Header = "X-Side", Pattern = "near", Role = PartyRole.Agent }] } }] });
        var offer = "v=0\r\nc=IN IP4 127.0.0.1\r\n" + string.Concat(Enumerable.Range(0, lines).Select(i => $"m=audio {40000 + (2 * i)} RTP/AVP 0\r\na=sendonly\r\n"));

        var (_, call) = Establish(Invite with { Headers = ["X-Side: near"], ContentType = "application/sdp", Body = offer });

        Assert.All(call.Info.Legs, leg => Assert.Equal((role, evidence), (leg.Role, leg.RoleEvidence)));
    }

    private static SiprecText Info(string tag, int cseq, string action) => Inside("INFO", tag, cseq, "z9hG4bK" + cseq) with { Headers = ["X-AC-Action: " + action] };
}
