namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Filters as text, equal for filters that mean the same: order and repetition do not count.</summary>
internal static class FilterKey
{
    public static string Of(V1.AlertFilter filter) => string.Join('\u001d',
        Set(filter.Teams), Set(filter.Agents), Set(filter.CallIds), ((int)filter.MinLevel).ToString(System.Globalization.CultureInfo.InvariantCulture))

        // Behind what earlier builds made keys of, so that their resume tokens stay good.
        + (filter.AssignedToMe ? "\u001dmine" : "") + (filter.IncludeSuppressed ? "\u001dall" : "");

    public static string Of(V1.CallFilter filter) => string.Join('\u001d',
        Set(filter.Teams), Set(filter.Agents), Set(filter.CallIds), filter.FinalsOnly ? "finals" : "");

    public static string Of(V1.AssistFilter filter) => string.Join('\u001d', Set(filter.CallIds), Set(filter.Teams));

    private static string Set(IEnumerable<string> values) => string.Join('\u001f', values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
