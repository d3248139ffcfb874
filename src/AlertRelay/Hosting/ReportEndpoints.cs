using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Measures;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>
/// Reports as files for browsers, with the access token of any other call: <c>GET /measures/report?from=…&amp;to=…[&amp;team=…][&amp;format=html|csv|json]</c>
/// and <c>GET /measures/reports/NAME[?format=…]</c>. The page may not load or run anything, whatever is in it.
/// </summary>
internal static class ReportEndpoints
{
    private const string NothingButStyle = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

    public static void Map(IEndpointRouteBuilder endpoints, Microsoft.AspNetCore.Authorization.AuthorizeAttribute identified)
    {
        endpoints.MapGet("/measures/report", SendNewAsync).RequireAuthorization(identified);
        endpoints.MapGet("/measures/reports/{name}", SendStoredAsync).RequireAuthorization(identified);
    }

    private static Task SendNewAsync(HttpContext context)
    {
        var query = context.Request.Query;
        return SendAsync(context, (measures, principal, kind) =>
            MeasuresService.MakeAsync(measures, principal, query["from"].ToString(), query["to"].ToString(), Teams(query["team"]), kind, context.RequestAborted));
    }

    private static Task SendStoredAsync(HttpContext context)
    {
        var name = context.Request.RouteValues["name"] as string ?? "";
        return SendAsync(context, (measures, principal, kind) => Task.FromResult(MeasuresService.ReadStored(measures, principal, name, kind)));
    }

    private static string[] Teams(StringValues teams) => [.. teams.Select(team => team ?? "")];

    private static async Task SendAsync(HttpContext context, Func<MeasuresRuntime, Principal, ReportKind, Task<WrittenReport>> make)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if ((context.User.Identity as CallerIdentity)?.Caller.Principal is not { MayAct: true } principal)
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, "Reports take the role supervisor or admin.");
            return;
        }

        var asked = context.Request.Query["format"].ToString();
        if (!System.Enum.TryParse<ReportKind>(asked.Length == 0 ? nameof(ReportKind.Html) : asked, ignoreCase: true, out var kind) || !System.Enum.IsDefined(kind))
        {
            await RefuseAsync(response, StatusCodes.Status400BadRequest, "format is html, csv or json.");
            return;
        }

        try
        {
            var report = await make(context.RequestServices.GetRequiredService<MeasuresRuntime>(), principal, kind);
            response.ContentType = report.ContentType + "; charset=utf-8";
            response.ContentLength = report.Content.Length;
            response.Headers.ContentSecurityPolicy = NothingButStyle;
            response.Headers.ContentDisposition = $"{(kind == ReportKind.Html ? "inline" : "attachment")}; filename=\"{report.Name}\"";
            await response.Body.WriteAsync(report.Content, context.RequestAborted);
        }
        catch (RpcException refused)
        {
            var code = refused.StatusCode switch
            {
                StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
                StatusCode.NotFound => StatusCodes.Status404NotFound,
                _ => StatusCodes.Status400BadRequest,
            };
            await RefuseAsync(response, code, refused.Status.Detail);
        }
    }

    private static Task RefuseAsync(HttpResponse response, int code, string sentence)
    {
        response.StatusCode = code;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(sentence, response.HttpContext.RequestAborted);
    }
}
