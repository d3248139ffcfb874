using System.Diagnostics;
using System.Text.Json;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>The relay as a client of another language and another gRPC library sees it (python3-grpcio, C core).</summary>
public sealed class PythonClientTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_python_client_watches_resumes_claims_and_reads_the_refusals()
    {
        await SkipWithoutGrpcAsync();
        await using var server = await RelayServer.StartAsync(Path.Combine(_directory.Path, "data"), options => options.Heartbeat = TimeSpan.FromSeconds(1));
        await OpenAsync(server);
        using var client = Start(server);
        await client.StandardInput.WriteLineAsync("watch");
        var hello = await HearAsync(client, "hello");
        var snapshot = await HearAsync(client, "snapshot");
        await HearAsync(client, "snapshot_end");
        await OpenAsync(server);
        var opened = await HearAsync(client, "event");

        await OpenAsync(server);
        await client.StandardInput.WriteLineAsync($"watch {opened.GetProperty("resume_token").GetString()}");
        await HearAsync(client, "hello");
        var resumed = await HearAsync(client, "event");
        await client.StandardInput.WriteLineAsync("watch nonsense");
        var refused = await HearAsync(client, "failure");
        await client.StandardInput.WriteLineAsync("health edgeassist.v1.Alerts");
        var health = await HearAsync(client, "health");
        await client.StandardInput.WriteLineAsync($"claim {snapshot.GetProperty("alert_id").GetString()} once");
        var claimed = await HearAsync(client, "alert");
        client.StandardInput.Close();
        await client.WaitForExitAsync(Patience.Normal);

        Assert.NotEmpty(hello.GetProperty("resume_token").GetString()!);
        Assert.Equal("ALERT_CHANGE_OPENED", opened.GetProperty("change").GetString());
        Assert.Equal("asks_for_manager", opened.GetProperty("alert").GetProperty("score").GetProperty("reasons")[0].GetProperty("cue").GetString());
        Assert.Equal("HOP_FAN_OUT", opened.GetProperty("latency").GetProperty("hops").EnumerateArray().Last().GetProperty("hop").GetString());
        // A call, its score, its alert; receipts may lie between them.
        Assert.InRange(long.Parse(resumed.GetProperty("offset").GetString()!, null) - long.Parse(opened.GetProperty("offset").GetString()!, null), 3, 6);
        Assert.Equal("ALERT_CHANGE_OPENED", resumed.GetProperty("change").GetString());
        Assert.NotEqual(opened.GetProperty("alert").GetProperty("alert_id").GetString(), resumed.GetProperty("alert").GetProperty("alert_id").GetString());
        Assert.Equal("INVALID_ARGUMENT", refused.GetProperty("code").GetString());
        Assert.Equal("TOKEN_INVALID", refused.GetProperty("trailers").GetProperty("edgeassist-reason").GetString());
        Assert.Equal("SERVING", health.GetProperty("status").GetString());
        Assert.Equal("ALERT_STATE_CLAIMED", claimed.GetProperty("state").GetString());
    }

    private static async Task SkipWithoutGrpcAsync()
    {
        Assert.SkipUnless(File.Exists(Python), "There is no /usr/bin/python3.");
        using var probe = Process.Start(new ProcessStartInfo(Python, ["-c", "import grpc, google.protobuf"]) { RedirectStandardError = true, UseShellExecute = false })!;
        await probe.WaitForExitAsync(Patience.Normal);
        Assert.SkipUnless(probe.ExitCode == 0, "python3-grpcio or python3-protobuf is not installed (Debian: apt-get install python3-grpcio).");
    }

    private Process Start(RelayServer server)
    {
        var descriptors = Path.Combine(_directory.Path, "descriptors.pb");
        File.WriteAllBytes(descriptors, Descriptors());
        return Process.Start(new ProcessStartInfo(Python,
        [
            Path.Combine(AppContext.BaseDirectory, "Python", "watch.py"), server.Address.Authority, server.Token(), descriptors,
        ]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
    }

    private static byte[] Descriptors()
    {
        var set = new FileDescriptorSet();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Add(V1.Alerts.Descriptor.File);
        Add(Health.Descriptor.File);
        return set.ToByteArray();

        void Add(FileDescriptor file)
        {
            if (!seen.Add(file.Name)) return;
            foreach (var needed in file.Dependencies) Add(needed);
            set.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
        }
    }

    // Heartbeats and receipts' places may come in between.
    private static async Task<JsonElement> HearAsync(Process client, string what)
    {
        var deadline = Patience.Normal;
        while (await client.StandardOutput.ReadLineAsync(deadline) is { } line)
        {
            using var said = JsonDocument.Parse(line);
            var kind = said.RootElement.GetProperty("what").GetString();
            if (kind is "heartbeat" or "bookmark" or "blindness" && kind != what) continue;
            Assert.Equal(what, kind);
            return said.RootElement.GetProperty("value").Clone();
        }

        throw new InvalidOperationException("The client ended.");
    }

    private static async Task OpenAsync(RelayServer server)
    {
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
    }
}
