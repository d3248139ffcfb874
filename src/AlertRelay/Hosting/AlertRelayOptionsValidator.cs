using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>Refuses values the relay cannot work with, each with a sentence that names the setting.</summary>
internal sealed class AlertRelayOptionsValidator : IValidateOptions<AlertRelayOptions>
{
    public ValidateOptionsResult Validate(string? name, AlertRelayOptions options)
    {
        var wrong = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
            wrong.Add($"{AlertRelayOptions.Section}:{nameof(options.DataDirectory)} is empty. Name a directory for the journal and the keys.");

        Range(wrong, options.RetentionAge, TimeSpan.FromHours(1), TimeSpan.FromDays(3660));
        Range(wrong, options.RetentionCount, 1_000L, 1_000_000_000L);
        Range(wrong, options.MeasuresRetention, TimeSpan.FromDays(30), TimeSpan.FromDays(3660));
        Range(wrong, options.ReportRetention, TimeSpan.FromDays(30), TimeSpan.FromDays(36600));
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _))
            wrong.Add($"{AlertRelayOptions.Section}:{nameof(options.TimeZone)} is \"{options.TimeZone}\", which this machine does not know. Write an IANA name such as Europe/Berlin, or UTC.");
        Range(wrong, options.Heartbeat, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60));
        Range(wrong, options.MaxPendingEvents, 16, 65_536);
        Range(wrong, options.MaxStreamAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        Range(wrong, options.WriteStall, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Range(wrong, options.MaxStreamsPerPrincipal, 1, 100_000);
        Range(wrong, options.AlertCoolDown, TimeSpan.Zero, TimeSpan.FromHours(1));
        Range(wrong, options.CalmFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Range(wrong, options.ClaimLease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (options.RotaFile.Length > 0) CheckRota(wrong, options.RotaFile);
        Range(wrong, options.NewStreamsPerMinute, 10, 1_000_000);
        Range(wrong, options.MaxConnectionsPerAddress, 1, 1_000_000);
        Range(wrong, options.NewConnectionsPerSecond, 1, 100_000);
        if (options.OidcIssuer.Length > 0) CheckIssuer(wrong, options);
        Range(wrong, options.SilentCallAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        if (options.SharedLog.Length > 0 && (options.SharedLogPrefix.Length is 0 or > 64 || !options.SharedLogPrefix.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')))
            wrong.Add($"{AlertRelayOptions.Section}:{nameof(options.SharedLogPrefix)} is \"{options.SharedLogPrefix}\"; 1 to 64 letters, digits, dots, dashes and underscores fit.");
        CheckBudget(wrong, options);
        if (options.JournalMaxPages is { } pages) Range(wrong, pages, 16L, long.MaxValue, "options.JournalMaxPages");
        CheckModes(wrong, options);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void CheckIssuer(List<string> wrong, AlertRelayOptions options)
    {
        if (!Uri.TryCreate(options.OidcIssuer, UriKind.Absolute, out var issuer) || (issuer.Scheme != "https" && !(issuer.Scheme == "http" && issuer.IsLoopback)))
            wrong.Add($"{AlertRelayOptions.Section}:{nameof(options.OidcIssuer)} is \"{options.OidcIssuer}\". Write an https address; http is for loopback.");
        if (options.OidcAudience.Length == 0)
            wrong.Add($"{AlertRelayOptions.Section}:{nameof(options.OidcAudience)} is empty: without it a token meant for another service would be taken.");
    }

    private static void CheckModes(List<string> wrong, AlertRelayOptions options)
    {
        if (options.DefaultMode is not ("" or "assist" or "observe"))
            wrong.Add($"{AlertRelayOptions.Section}:{nameof(options.DefaultMode)} is \"{options.DefaultMode}\"; assist and observe fit.");
        foreach (var team in options.ObserveTeams.Intersect(options.AssistTeams, StringComparer.Ordinal))
            wrong.Add($"{AlertRelayOptions.Section}: team \"{team}\" is in {nameof(options.ObserveTeams)} and in {nameof(options.AssistTeams)}; one of them fits.");
        if (options.ObserveTeams.Concat(options.AssistTeams).Any(string.IsNullOrWhiteSpace))
            wrong.Add($"{AlertRelayOptions.Section}: {nameof(options.ObserveTeams)} or {nameof(options.AssistTeams)} holds an empty name. For teams without a mode of their own set {nameof(options.DefaultMode)}.");
    }

    private static void CheckBudget(List<string> wrong, AlertRelayOptions options)
    {
        var before = wrong.Count;
        Range(wrong, options.PromptsPerCall, 1, options.LooserPrompts ? 10 : 3);
        Range(wrong, options.PromptGap, TimeSpan.FromSeconds(options.LooserPrompts ? 10 : 45), TimeSpan.FromMinutes(30));
        Range(wrong, options.PromptConfidence, options.LooserPrompts ? 0.5 : 0.8, 1.0);
        if (wrong.Count > before && !options.LooserPrompts)
            wrong[^1] += $" Asking for more of an agent's attention takes {AlertRelayOptions.Section}:{nameof(options.LooserPrompts)}.";
    }

    private static void CheckRota(List<string> wrong, string path)
    {
        try
        {
            Hosting.RotaFile.Read(path);
        }
        catch (InvalidDataException bad)
        {
            wrong.Add($"{AlertRelayOptions.Section}:{nameof(AlertRelayOptions.RotaFile)}: {bad.Message}");
        }
    }

    private static void Range<T>(List<string> wrong, T value, T least, T most, [CallerArgumentExpression(nameof(value))] string setting = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0) return;
        wrong.Add($"{AlertRelayOptions.Section}:{setting.Split('.')[^1]} is {value}; {least} to {most} fit.");
    }
}
