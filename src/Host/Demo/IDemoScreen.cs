namespace EdgeAssist.Host.Demo;

/// <summary>Shows the story while it happens: live panels in a terminal, lines elsewhere.</summary>
internal interface IDemoScreen
{
    /// <summary>Shows until the token says stop.</summary>
    Task ShowAsync(DemoStory story, CancellationToken cancellationToken);
}
