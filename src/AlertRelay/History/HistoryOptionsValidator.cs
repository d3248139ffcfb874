using System.Runtime.CompilerServices;
using EdgeAssist.AlertRelay.History.Matching;
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
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    internal static void Range<T>(List<string> wrong, T value, T least, T most, [CallerArgumentExpression(nameof(value))] string setting = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0) return;
        wrong.Add($"{HistoryOptions.Section}:{setting[(setting.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace('.', ':')} is {value}; {least} to {most} fit.");
    }
}
