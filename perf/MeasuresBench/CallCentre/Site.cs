using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MeasuresBench.CallCentre;

/// <summary>A relay as it is hosted, on a port of the system's choice, whose clock the simulation steps.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private Site(WebApplication app, SteppedTime time)
    {
        (_app, Time) = (app, time);
        _channel = GrpcChannel.ForAddress(new Uri(app.Urls.First()));
        Invoker = _channel.CreateCallInvoker();
    }

    public SteppedTime Time { get; }

    public CallInvoker Invoker { get; }

    /// <summary>Where HTTP/1.1 is spoken.</summary>
    public Uri Web => new(_app.Urls.Last());

    public static async Task<Site> StartAsync(string directory, DateTimeOffset start)
    {
        var time = new SteppedTime(start);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureForAlertRelay();
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRouting();
        builder.Services.AddLogging(logging => logging.AddFilter((category, level) => level >= LogLevel.Error && category?.StartsWith("EdgeAssist", StringComparison.Ordinal) == true).AddSimpleConsole());
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddAlertRelay(options =>
        {
            options.DataDirectory = directory;
            options.RetentionAge = TimeSpan.FromDays(1000);
            options.RetentionCount = 1_000_000_000;
        });
        var app = builder.Build();
        app.MapAlertRelay();
        await app.StartAsync();
        return new Site(app, time);
    }

    public Metadata As(string subject, PrincipalRole role, params string[] teams) => new() { { "authorization", "Bearer " + Token(subject, role, teams) } };

    public string Token(string subject, PrincipalRole role, params string[] teams) =>
        _app.Services.GetRequiredService<TokenAuthority>().Issue(new Principal { Subject = subject, Role = role, Teams = teams }, TimeSpan.FromDays(366));

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
