using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeAssist.RelayBench;

/// <summary>rtpengine in user space with one worker thread, set up over its ng protocol (bencode over UDP).</summary>
internal sealed class RtpEngine : IRelayUnderTest
{
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Socket _control;
    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly string[] _flags;
    private int _cookie;

    private RtpEngine(Process process, Socket control, string[] flags) => (_process, _control, _flags) = (process, control, flags);

    public string Name => "rtpengine";

    public int ProcessId => _process.Id;

    /// <param name="core">Processor it may use.</param>
    /// <param name="flags">Flags of every offer and answer, for example <c>strict-source</c>.</param>
    /// <returns>Null where rtpengine is not installed.</returns>
    public static async Task<RtpEngine?> StartAsync(int core, params string[] flags)
    {
        if (!File.Exists("/usr/bin/rtpengine")) return null;

        var port = FreePort();
        string[] words =
        [
            "-c", core.ToString(CultureInfo.InvariantCulture), "/usr/bin/rtpengine", "--foreground", "--log-stderr", "--log-level=3", "--table=-1",
            "--interface=127.0.0.1", $"--listen-ng=127.0.0.1:{port}", "--num-threads=1", "--port-min=40000", "--port-max=59999", "--pidfile=/dev/null",
        ];
        var start = new ProcessStartInfo("taskset") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var word in words) start.ArgumentList.Add(word);
        var process = Process.Start(start) ?? throw new InvalidOperationException("taskset could not be started.");
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();

        var control = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        control.Connect(IPAddress.Loopback, port);
        var engine = new RtpEngine(process, control, flags);
        await engine.WaitUntilReadyAsync().ConfigureAwait(false);
        return engine;
    }

    public async Task<(IPEndPoint Caller, IPEndPoint Callee)> OpenAsync(int index, IPEndPoint caller, IPEndPoint callee, bool secure)
    {
        var call = $"{_run}-{index}";
        var offer = await AskAsync("offer", call, Sdp(caller, "RTP/AVP", null), ("from-tag", "a"), ("transport-protocol", secure ? "RTP/SAVP" : "RTP/AVP"), ("ICE", "remove"), ("DTLS", "off")).ConfigureAwait(false);
        var crypto = secure ? offer.Split("\r\n").First(line => line.Contains("AES_CM_128_HMAC_SHA1_80", StringComparison.Ordinal)) : null;
        var answer = await AskAsync("answer", call, Sdp(callee, secure ? "RTP/SAVP" : "RTP/AVP", crypto), ("from-tag", "a"), ("to-tag", "b"), ("ICE", "remove")).ConfigureAwait(false);
        return (MediaOf(answer), MediaOf(offer));
    }

    public Task MarkAsync() => Task.CompletedTask;

    public Task<string> ReportAsync(long packets) => Task.FromResult($"{CpuTime.ResidentKiB(ProcessId) / 1024} MiB resident");

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static string Sdp(IPEndPoint at, string profile, string? crypto) =>
        $"v=0\r\no=- 1 1 IN IP4 {at.Address}\r\ns=-\r\nc=IN IP4 {at.Address}\r\nt=0 0\r\nm=audio {at.Port} {profile} 0\r\na=rtpmap:0 PCMU/8000\r\n{(crypto is null ? "" : crypto + "\r\n")}a=sendrecv\r\n";

    private static IPEndPoint MediaOf(string sdp)
    {
        var line = sdp.Split("\r\n").First(line => line.StartsWith("m=audio ", StringComparison.Ordinal));
        return new IPEndPoint(IPAddress.Loopback, int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    private static string Bencode(string text) => $"{Encoding.UTF8.GetByteCount(text)}:{text}";

    private async Task WaitUntilReadyAsync()
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                using var limit = new CancellationTokenSource(200);
                if ((await ExchangeAsync("d" + Bencode("command") + Bencode("ping") + "e", limit.Token).ConfigureAwait(false)).Contains("pong", StringComparison.Ordinal)) return;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                await poll.WaitForNextTickAsync().ConfigureAwait(false);
            }
        }

        throw new TimeoutException("rtpengine did not answer a ping within five seconds.");
    }

    private async Task<string> AskAsync(string command, string call, string sdp, params (string Key, string Value)[] rest)
    {
        var body = new StringBuilder("d").Append(Bencode("command")).Append(Bencode(command)).Append(Bencode("call-id")).Append(Bencode(call)).Append(Bencode("sdp")).Append(Bencode(sdp));
        foreach (var (key, value) in rest) body.Append(Bencode(key)).Append(Bencode(value));
        body.Append(Bencode("replace")).Append('l').Append(Bencode("origin")).Append(Bencode("session-connection")).Append('e');
        body.Append(Bencode("flags")).Append('l').Append(string.Concat(_flags.Select(Bencode))).Append("ee");
        using var limit = new CancellationTokenSource(s_answerLimit);
        var answer = await ExchangeAsync(body.ToString(), limit.Token).ConfigureAwait(false);
        var at = answer.IndexOf("3:sdp", StringComparison.Ordinal);
        if (at < 0) throw new InvalidOperationException($"rtpengine refused the {command}: {answer}");

        var colon = answer.IndexOf(':', at + 5);
        var length = int.Parse(answer.AsSpan(at + 5, colon - at - 5), CultureInfo.InvariantCulture);
        return answer.Substring(colon + 1, length);
    }

    private async Task<string> ExchangeAsync(string body, CancellationToken cancellationToken)
    {
        var cookie = $"{_run}{_cookie++}";
        await _control.SendAsync(Encoding.UTF8.GetBytes($"{cookie} {body}"), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        var buffer = new byte[16_384];
        while (true)
        {
            var length = await _control.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            var text = Encoding.UTF8.GetString(buffer, 0, length);
            if (text.StartsWith(cookie + " ", StringComparison.Ordinal)) return text[(cookie.Length + 1)..];
        }
    }
}
