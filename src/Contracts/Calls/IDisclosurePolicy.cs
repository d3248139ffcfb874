namespace EdgeAssist.Contracts;

/// <summary>Whether what the product makes of a team's calls may reach people.</summary>
public enum Disclosure
{
    /// <summary>Alerts and prompts are shown.</summary>
    Assist = 0,

    /// <summary>Alerts and prompts are made and kept as «would-be», and shown to nobody: the baseline.</summary>
    Observe = 1,
}

/// <summary>The one switch that is asked before an alert or a prompt leaves. Any thread may ask, at any time; answers at once.</summary>
public interface IDisclosurePolicy
{
    /// <param name="team">The call's team; empty when no rule says.</param>
    Disclosure For(string team);
}

/// <summary>Everything is shown: where nobody keeps a switch.</summary>
public sealed class AlwaysAssist : IDisclosurePolicy
{
    public Disclosure For(string team) => Disclosure.Assist;
}
