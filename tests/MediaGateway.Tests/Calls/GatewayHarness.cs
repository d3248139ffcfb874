using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>The whole signalling service on loopback, with media and analysis that take notes.</summary>
internal sealed class GatewayHarness : IAsyncDisposable
{
    private readonly IHost _host;

    private GatewayHarness(IHost host) => _host = host;

    public FakeMediaTransport Media { get; private init; } = null!;

    public FakeAudioSink Sink { get; private init; } = null!;

    public LogList Log { get; private init; } = null!;

    public SipEndpoints Endpoints => _host.Services.GetRequiredService<SipEndpoints>();

    public T Service<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public IPEndPoint Udp => Endpoints.Udp[0];

    public IPEndPoint Tcp => Endpoints.Tcp[0];

    public static async Task<GatewayHarness> StartAsync(Action<SipOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var (media, sink, log) = (new FakeMediaTransport(), new FakeAudioSink(), new LogList());
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton<IMediaTransport>(media).AddSingleton<ICallAudioSink>(sink);
        builder.Services.AddMediaGateway(options =>
        {
            options.Listen.Add("udp:127.0.0.1:0");
            options.Listen.Add("tcp:127.0.0.1:0");
            options.T1 = TimeSpan.FromMilliseconds(100);
            configure?.Invoke(options);
        });
        services?.Invoke(builder.Services);
        var harness = new GatewayHarness(builder.Build()) { Media = media, Sink = sink, Log = log };
        await harness._host.StartAsync(TestContext.Current.CancellationToken);
        return harness;
    }

    /// <summary>Rules that know the parties of <c>SiprecText.Metadata</c>.</summary>
    public static void KnowRoles(SipOptions options)
    {
        var trunk = new TrunkOptions { Name = "sbc", Team = "support" };
        trunk.Roles.Add(new RoleRuleOptions { Test = "Domain", Value = "pbx.example.net", Role = "Agent" });
        trunk.Roles.Add(new RoleRuleOptions { Test = "Any", Role = "Customer" });
        options.Trunks.Add(trunk);
    }

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}

/// <summary>Every line that was logged.</summary>
internal sealed class LogList : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add(formatter(state, exception) + exception);
    }

    public void Dispose()
    {
        // Nothing to release.
    }
}
