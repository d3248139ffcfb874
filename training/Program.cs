using EdgeAssist.Inference.Models;
using EdgeAssist.Training;

try
{
    return Commands.Root().Parse(args).Invoke();
}
catch (ModelException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
