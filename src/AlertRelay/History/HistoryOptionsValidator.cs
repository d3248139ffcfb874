using System.Runtime.CompilerServices;
using EdgeAssist.AlertRelay.History.Import;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Pull;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.History;

/// <summary>Refuses values the history cannot work with, each with a sentence that names the setting.</summary>
internal sealed class HistoryOptionsValidator : IValidateOptions<HistoryOptions>
{
    private static readonly TimeSpan TenYears = TimeSpan.FromDays(3660);

    public ValidateOptionsResult Validate(string? name, HistoryOptions options)
    {
        var wrong = new List<string>();
        Range(wrong, options.Age, TimeSpan.FromDays(1), TenYears);
        Range(wrong, options.MaxInteractions, 5, 500);
        Range(wrong, options.StaleAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(366));
        Range(wrong, options.KeepInteractions, options.Age, TenYears);
        Range(wrong, options.KeepCalls, TimeSpan.FromDays(1), TenYears);
        foreach (var unknown in options.Match.Where(word => !CallIdentifiers.DefaultOrder.Contains(word)))
            wrong.Add($"History:Match holds \"{unknown}\"; {string.Join(", ", CallIdentifiers.DefaultOrder)} fit.");
        foreach (var region in options.Trunks.Select(trunk => trunk.Region).Append(options.DefaultRegion).Where(region => region.Length > 0 && !TelephoneNumber.Knows(region)))
            wrong.Add($"History: \"{region}\" is no country. Write its ISO 3166 code, for example DE.");
        if (options.Trunks.GroupBy(trunk => trunk.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
            wrong.Add($"History:Trunks names \"{twice}\" twice.");
        if (options.Pull.Url.Length > 0) CheckPull(wrong, options.Pull);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void CheckPull(List<string> wrong, HistoryPullOptions pull)
    {
        if (PullAddress.Fault(pull.Url) is { } fault) wrong.Add($"History:Pull:Url \"{pull.Url}\" {fault}");
        if (pull.HeaderFile.Length > 0 && !File.Exists(pull.HeaderFile)) wrong.Add($"History:Pull:HeaderFile is \"{pull.HeaderFile}\", and there is no such file.");
        try
        {
            if (MappingFile.Read(pull.Mapping).Format != RowFormat.Json) wrong.Add("History:Pull:Mapping is for a file of rows. Write «format: json» into it.");
        }
        catch (Exception bad) when (bad is MappingException or IOException or ArgumentException or UnauthorizedAccessException)
        {
            wrong.Add("History:Pull:Mapping: " + bad.Message);
        }

        Range(wrong, pull.Ttl, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        Range(wrong, pull.Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        Range(wrong, pull.MaxAtOnce, 1, 256);
        Range(wrong, pull.FailuresToRest, 1, 100);
        Range(wrong, pull.Rest, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    }

    internal static void Range<T>(List<string> wrong, T value, T least, T most, [CallerArgumentExpression(nameof(value))] string setting = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0) return;
        wrong.Add($"{HistoryOptions.Section}:{setting.Replace("options.", "", StringComparison.Ordinal).Replace("pull.", "Pull:", StringComparison.Ordinal)} is {value}; {least} to {most} fit.");
    }
}
