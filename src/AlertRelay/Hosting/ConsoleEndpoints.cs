using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>Serves the browser console where gRPC-Web is: same origin, so that its content policy can name nobody else.</summary>
internal static class ConsoleEndpoints
{
    /// <summary>Maps the console's files, one route each, and the question who one is. Without a built console: the question alone.</summary>
    public static void MapConsole(this IEndpointRouteBuilder endpoints, AuthorizeAttribute identified)
    {
        endpoints.MapGet("/session", SessionAsync).RequireAuthorization(identified);
        var folder = endpoints.ServiceProvider.GetRequiredService<IOptions<AlertRelayOptions>>().Value.ConsoleDirectory;
        if (folder.Length == 0) return;

        folder = Path.Combine(AppContext.BaseDirectory, folder);
        if (ConsoleFiles.Read(folder) is not { } console)
        {
            RelayLog.NoConsole(endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeAssist.AlertRelay"), folder);
            return;
        }

        foreach (var file in console.Files)
            endpoints.MapMethods(file.Path, [HttpMethods.Get, HttpMethods.Head], context => ConsoleFiles.AnswerAsync(file, context));
    }

    private static Task SessionAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (principal, expiresAt) = ((CallerIdentity)context.User.Identity!).Caller;
        var session = new ConsoleSession(
            principal.Subject, principal.Role.ToString().ToLowerInvariant(), principal.Teams, principal.SeesPersonal, expiresAt,
            context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        return context.Response.WriteAsJsonAsync(session, ConsoleJson.Default.ConsoleSession, cancellationToken: context.RequestAborted);
    }
}
