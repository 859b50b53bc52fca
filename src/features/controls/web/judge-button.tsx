import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { count } from '#src/ui/words.ts';

/** Runs every control test now, over the facts as they were read last. */
export function Judge() {
  const toast = useToast();
  const whyNot = useWhyNot('controls.run', 'run the tests');
  const run = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/controls/run')),
    onSuccess: (outcome) => {
      const changed = outcome.changedTests.length;
      toast.done(
        `${count(outcome.tests.length, 'test')} ran`,
        changed === 0 ? 'Every result is as it was.' : `${count(changed, 'result')} changed.`,
      );
    },
    onError: (error) => toast.failed('The tests did not run', asFailure(error).message),
  });
  return (
    <ReasonButton
      variant="default"
      reason={whyNot}
      loading={run.isPending}
      leftSection={<IconPlayerPlay size={14} aria-hidden />}
      onClick={() => run.mutate()}
    >
      Run tests now
    </ReasonButton>
  );
}
