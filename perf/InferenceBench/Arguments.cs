using System.Globalization;

namespace EdgeAssist.InferenceBench;

/// <summary>Options of the commands: a name and the value behind it.</summary>
internal static class Arguments
{
    public static double Number(string[] arguments, string name, double otherwise) =>
        Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length ? double.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;

    public static int Whole(string[] arguments, string name, int otherwise) => (int)Number(arguments, name, otherwise);
}
