using System.Globalization;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Calls carried through between real phones: baresip, linphone, and both behind a kamailio in front of us.</summary>
public sealed class InlinePhoneTests : IDisposable
{
    private const double AliceHz = 440;
    private const double BobHz = 660;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-phones-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Two_baresip_phones_hear_each_other_through_us()
    {
        var bobsPort = LoopbackPorts.Free();
        var inline = new InlineCalls(_folder.FullName);
        await using var appliance = await TestAppliance.StartAsync(_folder.FullName, Cancel, inline.Settings(bobsPort));
        await using var bob = BaresipPhone.Start(_folder.FullName, "bob", bobsPort, BaresipPhone.Tone(BobHz), 0, "", 40);
        await bob.WaitForAsync("baresip is ready", Cancel);

        await using var alice = BaresipPhone.Start(_folder.FullName, "alice", LoopbackPorts.Free(), BaresipPhone.Tone(AliceHz), 0, $"sip:bob@{appliance.Sip}", 8);
        await alice.WaitForExitAsync(Cancel);

        await HeardEachOtherAsync(inline, alice, bob);
    }

    [Fact] // RFC 3261 §16.12, §12.2.1.1: its Record-Route on both of our legs
    public async Task Two_phones_behind_kamailio_hear_each_other_through_us()
    {
        var kamailio = Tool.Find("kamailio") ?? (File.Exists("/usr/sbin/kamailio") ? "/usr/sbin/kamailio" : null);
        if (kamailio is null) Assert.Skip("kamailio is not installed (Debian: apt-get install kamailio).");
        var proxyPort = LoopbackPorts.Free();
        var inline = new InlineCalls(_folder.FullName);
        await using var appliance = await TestAppliance.StartAsync(_folder.FullName, Cancel, inline.Settings(proxyPort));
        var file = Path.Combine(_folder.FullName, "kamailio.cfg");
        await File.WriteAllTextAsync(file, KamailioConfig(proxyPort, appliance.Sip.Port), Cancel);
        await using var proxy = RunningTool.Start(kamailio!, ["-f", file, "-DD", "-E", "-m", "64", "-Y", _folder.FullName, "-w", _folder.FullName], _folder.FullName);
        await using var bob = BaresipPhone.Start(_folder.FullName, "bob", LoopbackPorts.Free(), BaresipPhone.Tone(BobHz), proxyPort, "", 60);
        await bob.WaitForAsync("200 OK", Cancel);

        await using var alice = BaresipPhone.Start(
            _folder.FullName, "alice", LoopbackPorts.Free(), BaresipPhone.Tone(AliceHz), proxyPort, $"sip:bob@127.0.0.1:{proxyPort.ToString(CultureInfo.InvariantCulture)}", 10);
        await alice.WaitForExitAsync(Cancel);

        await HeardEachOtherAsync(inline, alice, bob);
    }

    [Fact]
    public async Task A_linphone_calls_a_baresip_phone_through_us()
    {
        var linphone = Tool.Find("linphone-daemon");
        if (linphone is null) Assert.Skip("linphone-daemon is not installed (Debian: apt-get install linphone-cli).");
        var (bobsPort, own) = (LoopbackPorts.Free(), LoopbackPorts.Free());
        var inline = new InlineCalls(_folder.FullName);
        await using var appliance = await TestAppliance.StartAsync(_folder.FullName, Cancel, inline.Settings(bobsPort));
        await using var bob = BaresipPhone.Start(_folder.FullName, "bob", bobsPort, BaresipPhone.Tone(BobHz), 0, "", 60);
        await bob.WaitForAsync("baresip is ready", Cancel);
        var file = Path.Combine(_folder.FullName, "linphonerc");
        await File.WriteAllTextAsync(file, LinphoneConfig(own), Cancel);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, ".local", "share", "linphone"));
        await using var carol = RunningTool.Start(linphone!, ["--config", file], _folder.FullName);

        await carol.TypeAsync($"call sip:bob@{appliance.Sip}");
        await bob.WaitForAsync("Call established", Cancel);
        await carol.WaitForAsync("LinphoneCallStreamsRunning", TimeSpan.FromSeconds(20), Cancel);
        await carol.TypeAsync($"incall-player-start {Path.Combine(_folder.FullName, "bob", "tone.wav")}");
        await bob.WaitForAsync("[0:00:07]", Cancel);
        await carol.TypeAsync("terminate");

        var records = await inline.RecordsAsync(2, Cancel);
        Assert.All(records, record => Assert.Equal((200, "PCMU", 0L), (record.Status, record.Codec, record.Lost)));
        Assert.All(records, record => Assert.True(record.Received >= 100, $"{record.Leg} sent {record.Received} packets."));
    }

    private static async Task HeardEachOtherAsync(InlineCalls inline, BaresipPhone alice, BaresipPhone bob)
    {
        var records = await inline.RecordsAsync(2, Cancel);
        Assert.All(records, record => Assert.Equal((200, "PCMU"), (record.Status, record.Codec)));
        Assert.All(records, record => Assert.True(record.Received >= 100, $"{record.Leg} sent {record.Received} packets. {alice.Output} {bob.Output}"));
        Assert.InRange(alice.Heard().FrequencyHz, BobHz - 5, BobHz + 5);
        Assert.InRange(bob.Heard().FrequencyHz, AliceHz - 5, AliceHz + 5);
    }

    private static string KamailioConfig(int port, int gateway) => string.Create(CultureInfo.InvariantCulture, $$"""
        #!KAMAILIO
        debug=1
        log_stderror=yes
        children=1
        auto_aliases=no
        listen=udp:127.0.0.1:{{port}}
        disable_tcp=yes
        mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/kamailio/modules/"
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "maxfwd.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        request_route {
            if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
            if (is_method("REGISTER")) { save("location"); exit; }
            if (has_totag()) {
                if (loose_route()) { t_relay(); exit; }
                if (is_method("ACK")) { if (t_check_trans()) { t_relay(); } exit; }
                sl_send_reply("404", "Not here"); exit;
            }
            if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
            record_route();
            if ($sp == {{gateway}}) {
                if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
                t_relay(); exit;
            }
            $du = "sip:127.0.0.1:{{gateway}}";
            t_relay();
        }

        """);

    private static string LinphoneConfig(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        [sip]
        auto_net_state_mon=0
        bind_address=0.0.0.0
        sip_port={port}
        sip_tcp_port=-1
        sip_tls_port=-1
        use_ipv6=0
        contact="carol" <sip:carol@127.0.0.1>
        guess_hostname=0
        [rtp]
        bind_address=127.0.0.1
        audio_rtp_port={port + 300}
        [video]
        enabled=0
        capture=0
        display=0
        automatically_initiate=0
        automatically_accept=0
        [audio_codec_0]
        mime=PCMU
        rate=8000
        channels=1
        enabled=1

        """);
}
