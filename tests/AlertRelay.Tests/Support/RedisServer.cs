using System.Diagnostics;
using EdgeAssist.Testing;
using StackExchange.Redis;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>A Redis of the test's own: loopback, a free port, a directory that goes with it, an fsync before every answer.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _fsync;
    private Process? _process;

    private RedisServer(string fsync) => _fsync = fsync;

    public int Port { get; private set; }

    public string Configuration => $"127.0.0.1:{Port}";

    public static bool IsInstalled => File.Exists("/usr/bin/redis-server");

    /// <summary>Skips the test, with the reason, where there is no Redis.</summary>
    public static async Task<RedisServer> StartAsync(string fsync = "always")
    {
        Assert.SkipUnless(IsInstalled, "redis-server is not installed (Debian: apt-get install redis-server).");
        var server = new RedisServer(fsync);
        for (var attempt = 0; ; attempt++)
        {
            server.Port = LoopbackPorts.Free();
            if (await server.RunAsync()) return server;
            if (attempt == 5) throw new InvalidOperationException("redis-server did not start on five free ports.");
        }
    }

    /// <summary>As a power cut would end it.</summary>
    public async Task KillAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task StartAgainAsync()
    {
        if (!await RunAsync()) throw new InvalidOperationException("redis-server did not start again.");
    }

    public async Task<T> CommandAsync<T>(Func<IDatabase, Task<T>> command)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Configuration + ",allowAdmin=true");
        return await command(connection.GetDatabase());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        _directory.Dispose();
    }

    // A test that fails before it is initialised is never disposed of.
    private void OnExit(object? sender, EventArgs e) => _process?.Kill();

    private async Task<bool> RunAsync()
    {
        var start = new ProcessStartInfo("/usr/bin/redis-server") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var word in new[]
        {
            "--bind", "127.0.0.1", "--port", Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--dir", _directory.Path,
            "--save", "", "--appendonly", "yes", "--appendfsync", _fsync, "--daemonize", "no",
        }) start.ArgumentList.Add(word);
        _process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        var deadline = Patience.Of(15);
        while (await _process.StandardOutput.ReadLineAsync(deadline) is { } line)
        {
            if (!line.Contains("Ready to accept connections", StringComparison.Ordinal)) continue;
            _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return true;
        }

        return false;
    }
}
