using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.AlertRelay.Labelling;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>A relay as it is hosted: Kestrel on loopback, a port of the system's choice, a data directory of its own.</summary>
internal sealed class RelayServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<IDisposable> _channels = [];

    private RelayServer(WebApplication app, string directory)
    {
        _app = app;
        DataDirectory = directory;
    }

    public string DataDirectory { get; }

    public Uri Address => new(_app.Urls.Single());

    public ICallScoreSink Sink => _app.Services.GetRequiredService<ICallScoreSink>();

    public RelayWriter Writer => _app.Services.GetRequiredService<RelayWriter>();

    public StreamTable Table => _app.Services.GetRequiredService<StreamTable>();

    public IServiceProvider Services => _app.Services;

    public LabelStore Labels => _app.Services.GetRequiredService<RelayRuntime>().Labels;

    public TokenAuthority Authority => _app.Services.GetRequiredService<TokenAuthority>();

    public static Principal Admin { get; } = new() { Subject = "root", Role = PrincipalRole.Admin, SeesPersonal = true };

    public static async Task<RelayServer> StartAsync(
        string directory, Action<AlertRelayOptions>? configure = null, TimeProvider? time = null, string urls = "http://127.0.0.1:0", ILoggerProvider? log = null,
        Action<ListenOptions>? listen = null, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (listen is null) builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                endpoint.UseRelayLimits();
                endpoint.Protocols = HttpProtocols.Http2;
            });
            if (listen is not null) kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen);

            kestrel.ConfigureForAlertRelay();
        });
        builder.Services.AddRouting();
        builder.Services.AddLogging(logging =>
        {
            if (log is not null) logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        });
        services?.Invoke(builder.Services);
        if (time is not null) builder.Services.AddSingleton(time);
        builder.Services.AddAlertRelay(options =>
        {
            options.DataDirectory = directory;
            configure?.Invoke(options);
        });
        var app = builder.Build();
        app.MapAlertRelay();
        await app.StartAsync();
        return new RelayServer(app, directory);
    }

    public string Token(Principal? principal = null, TimeSpan? lifetime = null) =>
        Authority.Issue(principal ?? Admin, lifetime ?? TimeSpan.FromHours(1));

    public EdgeAssistClient Client(Principal? principal = null) => new(Address, Token(principal), new EdgeAssistClientOptions
    {
        MinBackoff = TimeSpan.FromMilliseconds(20),
        MaxBackoff = TimeSpan.FromMilliseconds(200),
    });

    /// <summary>The bare stubs, for what the client library would mend by itself.</summary>
    public CallInvoker Invoker()
    {
        var channel = GrpcChannel.ForAddress(Address);
        _channels.Add(channel);
        return channel.CreateCallInvoker();
    }

    public Metadata Headers(Principal? principal = null, TimeSpan? lifetime = null) =>
        new() { { "authorization", "Bearer " + Token(principal, lifetime) } };

    public async Task StopAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        await StopAsync();
    }
}
