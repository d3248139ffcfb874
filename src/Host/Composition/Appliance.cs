using System.Net;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Supervision;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Commands;
using EdgeAssist.Inference.Hosting;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Host.Composition;

/// <summary>Puts the parts together: all in one process, or those of one role with gRPC links to the others.</summary>
internal static class Appliance
{
    /// <summary>Builds the appliance; the caller starts and stops it.</summary>
    public static WebApplication Build(ApplianceSetup setup)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(setup.Configuration);
        AddLogging(builder, setup);
        WebApplication? app = null;

        // The host logs a start that failed with its stack trace; whoever starts the appliance says it in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level =>
            level >= LogLevel.Warning && app?.Lifetime.ApplicationStarted.IsCancellationRequested == true);
        builder.Services.AddSystemd();
        AddListeners(builder, setup);

        // Stopped in the reverse order: calls end first, then their last words are recognised, then the journal closes.
        if (setup.Role.HasFlag(ApplianceRole.Relay)) builder.Services.AddAlertRelay(options => Bind(setup, options));
        if (setup.Role.HasFlag(ApplianceRole.Relay)) builder.Services.Configure<HistoryOptions>(setup.Configuration.GetSection(HistoryOptions.Section));
        else builder.Services.AddRelayIdentity(_ => setup.DataDirectory);
        AddGatewayLinks(builder.Services, setup);
        AddInference(builder.Services, setup);
        AddGateway(builder.Services, setup);
        builder.Services.AddHealthChecks();

        app = builder.Build();
        if (setup.Role.HasFlag(ApplianceRole.Relay)) app.MapAlertRelay();
        if (setup.Role.HasFlag(ApplianceRole.Inference)) app.MapInference().RequireAuthorization(AlertRelayExtensions.InternalOnly);
        if (setup.Role.HasFlag(ApplianceRole.Gateway)) app.MapMediaGateway().RequireAuthorization(AlertRelayExtensions.InternalOnly);
        app.MapHealthChecks("/healthz", HealthAnswer.Options);
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder, ApplianceSetup setup)
    {
        builder.Logging.ClearProviders();
        if (setup.Logging is { } replace)
        {
            replace(builder.Logging);
            return;
        }

        builder.Logging.AddConfiguration(setup.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
    }

    private static void AddListeners(WebApplicationBuilder builder, ApplianceSetup setup)
    {
        builder.Services.AddOptions<ApiOptions>().Bind(setup.Configuration.GetSection(ApiOptions.Section)).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>();
        builder.Services.AddOptions<LinkOptions>().Bind(setup.Configuration.GetSection(LinkOptions.Section)).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<LinkOptions>>(new LinkOptionsValidator(setup.Role));

        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            kestrel.ConfigureForAlertRelay();
            var api = kestrel.ApplicationServices.GetRequiredService<IOptions<ApiOptions>>().Value;
            Listen(kestrel, api.Listen, api, HttpProtocols.Http2);
            if (api.WebListen.Length > 0) Listen(kestrel, api.WebListen, api, HttpProtocols.Http1);
        });
    }

    private static void Listen(KestrelServerOptions kestrel, string address, ApiOptions api, HttpProtocols plain) =>
        kestrel.Listen(IPEndPoint.Parse(address), listen =>
        {
            listen.UseRelayLimits();
            if (!api.HasCertificate)
            {
                listen.Protocols = plain;      // without ALPN a port speaks one version
                return;
            }

            var logger = kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeAssist.Host");
            new RelayTls(api.Certificate, api.CertificateKey)
            {
                Clients = api.ClientAuthorities.Length > 0 ? new ClientCertificatePolicy(api.ClientAuthorities, api.ClientNames, api.RevokedClients) : null,
                OnTrouble = what => HostLog.TlsTrouble(logger, what),
            }.Use(listen, kestrel.ApplicationServices.GetRequiredService<TimeProvider>());
        });

    private static void AddInference(IServiceCollection services, ApplianceSetup setup)
    {
        if (!setup.Role.HasFlag(ApplianceRole.Inference)) return;

        if (setup.Role.HasFlag(ApplianceRole.Relay)) services.AddSingleton<IBlindSpotProbe, RecognitionProbe>();
        services.AddInference(options => setup.Configuration.GetSection(InferenceOptions.Section).Bind(options));
        services.AddGrpc();
        if (setup.Role.HasFlag(ApplianceRole.Relay)) return;
        services.AddRemoteScores(provider => Channel(provider, Link(provider).Relay));
        services.AddRemoteCustomers(provider => Channel(provider, Link(provider).Relay));
    }

    private static void AddGateway(IServiceCollection services, ApplianceSetup setup)
    {
        if (!setup.Role.HasFlag(ApplianceRole.Gateway)) return;

        if (!setup.Role.HasFlag(ApplianceRole.Inference)) services.AddGrpcCallAudioSink(provider => [.. LinkOptions.Addresses(Link(provider).Inference).Select(address => Channel(provider, address))]);
        if (setup.Role.HasFlag(ApplianceRole.Relay)) services.AddSingleton<IBlindSpotProbe, AudioProbe>();
        services.AddRtpMedia();
        services.AddMediaRelay();
        services.AddMediaGateway();
        services.AddGrpc();
    }

    /// <summary>The relay's ways to the gateways, for supervisors.</summary>
    private static void AddGatewayLinks(IServiceCollection services, ApplianceSetup setup)
    {
        if (!setup.Role.HasFlag(ApplianceRole.Relay)) return;

        if (setup.Role.HasFlag(ApplianceRole.Gateway)) services.AddSingleton(provider => new GatewayLink("", provider.GetRequiredService<ICallControl>()));
        foreach (var (name, address) in LinkOptions.NamedAddresses(setup.Configuration[$"{LinkOptions.Section}:{nameof(LinkOptions.Gateways)}"] ?? ""))
            services.AddRemoteGateway(name, provider => Channel(provider, address));
    }

    private static void Bind(ApplianceSetup setup, AlertRelayOptions options)
    {
        setup.Configuration.GetSection(AlertRelayOptions.Section).Bind(options);
        if (options.DataDirectory.Length == 0) options.DataDirectory = setup.DataDirectory;
    }

    private static LinkOptions Link(IServiceProvider provider) => provider.GetRequiredService<IOptions<LinkOptions>>().Value;

    /// <summary>A channel to another part, with this part's own token.</summary>
    private static GrpcChannel Channel(IServiceProvider provider, string address)
    {
        var link = Link(provider);
        var token = link.TokenFile.Length > 0
            ? File.ReadAllText(link.TokenFile).Trim()
            : provider.GetRequiredService<TokenAuthority>().Issue(new Principal { Subject = "link", Role = PrincipalRole.Internal }, TimeSpan.FromDays(366));
        var target = new Uri(address);
        var bearer = CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("authorization", "Bearer " + token);
            return Task.CompletedTask;
        });

        return GrpcChannel.ForAddress(target, new GrpcChannelOptions
        {
            // A part that vanishes without a word is noticed within half a minute; calls beyond a connection's stream limit open another.
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                KeepAlivePingDelay = TimeSpan.FromSeconds(20),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            },
            DisposeHttpClient = true,
            UnsafeUseInsecureChannelCallCredentials = target.Scheme == "http",
            Credentials = ChannelCredentials.Create(target.Scheme == "https" ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure, bearer),
        });
    }
}
